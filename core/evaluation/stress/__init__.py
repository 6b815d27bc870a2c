"""Photos that get worse: `measure_suite` runs every disturbance (`worker` in the background), `suite` is what came
out, `score` and `mean` make one number of it.
"""
