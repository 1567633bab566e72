#!/usr/bin/env bash
# bench/flow_speed.sh [ROUNDS]: what a flow's step costs, and three steps beside Metaflow, Prefect and ZenML where $CUPEL_PEERS holds them:
#   python3 -m venv $CUPEL_PEERS/venv_flow && $CUPEL_PEERS/venv_flow/bin/pip install metaflow prefect
#   python3 -m venv $CUPEL_PEERS/venv_zenml && $CUPEL_PEERS/venv_zenml/bin/pip install 'zenml[local]'
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec python3 bench/flow_speed.py build/release/bin/cupel "${1:-5}"
