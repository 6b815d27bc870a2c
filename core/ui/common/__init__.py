"""What several pages share: `page` and its `parts`, `cached_reads` of what lies on disk, `visits`,
`garbage`; a `dataset_picker` and a `model_picker`; `answer_tags` on faces, the `photo_detail`, a run's `result_view`
with the `threshold_view`, and the `report_button`.
"""
