"""The command line: `python face_mask_detector.py train | evaluate | classify`; add -h for help, also after each word.

`python face_mask_detector.py train FOLDER --epochs 3 --image_size 96` runs in minutes on a laptop.
"""

import sys

from core.cli.main import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
