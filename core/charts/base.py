"""What the charts share: colours of runs and margins."""

# Dark and light enough to be told apart on both backgrounds.
RUN_COLOURS = ("#3B8FC2", "#C46A2B", "#8E6BBF", "#7A9A2E", "#C0568F", "#6F8B99", "#A8842C", "#B84A4A")
MARGIN = {"l": 8, "r": 8, "t": 36, "b": 8}
