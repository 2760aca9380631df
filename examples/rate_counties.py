"""The job of many counties, for `spark-submit`; what it does and takes is in `mujun/spark/job.py` and docs/spark.md.

spark-submit --master spark://HOST:7077 examples/rate_counties.py FRAMES RESULTS --rules zhejiang/shengzhou-2022
"""

import sys

from mujun.spark.job import main

sys.exit(main())
