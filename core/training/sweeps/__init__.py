"""Several trainings: `study`, `grid` and `report_a_table` say which, `sweeper` trains them one after another, `effects`
is what their settings did."""
