"""The table of runs (`view`): what it shows of each (`run_rows`), a sweep's runs as one row (`groups`), which are shown
(`filters`), in which `columns`, and what is done with those that are selected (`actions`).
"""
