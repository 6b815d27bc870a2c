"""Why a network answers as it does: `gradcam` heatmaps, and `framing`, whole photos against face crops."""
