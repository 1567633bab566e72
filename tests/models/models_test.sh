#!/usr/bin/env bash
# `cupel models` from the outside: what it prints, its exit statuses, and that a refused command leaves nothing behind.
set -u
program=$(realpath "$1")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
unset CUPEL_HOME CUPEL_INJECTED
failures=0

# expect STATUS TEXT WORDS...: the command answers with STATUS and its output holds TEXT.
expect() {
  local status=$1 text=$2
  shift 2
  local output answered
  output=$("$program" models "$@" 2>&1)
  answered=$?
  if [ "$answered" != "$status" ] || [[ "$output" != *"$text"* ]]; then
    printf 'models %s\n  expected status %s and: %s\n  got status %s and: %s\n' "$*" "$status" "$text" "$answered" "$output"
    failures=$((failures + 1))
  fi
}

# check CONDITION...: a test of the shell that must hold.
check() {
  if ! "$@"; then
    printf 'does not hold: %s\n' "$*"
    failures=$((failures + 1))
  fi
}

model() {
  mkdir -p "$1"
  printf '%s' "$2" > "$1/model.onnx"
  printf '{"format": 1, "name": "reviews", "kind": "classifier", "files": {"model": "model.onnx"}, "inputs": [{"name": "Age", "type": "number", "range": [18, 99]}], "metrics": {"held_out": {"auc": {"value": 0.95, "low": 0.94, "high": 0.96, "confidence": 0.95}}}%s}' "${3:-}" > "$1/model.json"
}

# Without a registry, reading says so and makes none.
expect 2 "no model registry in '.cupel' ('cupel models add' makes one; \$CUPEL_HOME names another folder)" list
expect 2 "no model registry" show reviews/1
check test ! -e .cupel

# The way of a model through the registry.
model first one
model second two
expect 0 "reviews/1  sha256:" add first --alias champion --because "the first"
expect 0 "was there already" add first
expect 0 "reviews/2" add second
expect 0 "reviews/2" list
expect 0 "@champion" list reviews
expect 0 '"id": "reviews/1"' show reviews@champion --json -
expect 0 '"id": "reviews/1"' show reviews@champion --json
expect 0 '"versions": [' list --json
expect 0 "because the first" show reviews/1
expect 0 "18 to 99" show reviews
expect 0 "0.94 to 0.96 (95 %)" show reviews
expect 0 "copy" load reviews@champion -o copy
check cmp -s first/model.onnx copy/model.onnx
check cmp -s first/model.json copy/model.json
expect 0 ".cupel/blobs/sha256/" path reviews/2
expect 0 "file model" diff reviews/1 reviews/2
expect 0 "2 versions verified, 0 problems" verify
expect 0 "reviews@champion -> reviews/2" alias reviews@champion reviews/2 --because "it is better"
expect 0 "it is better" show reviews/2
expect 0 "reviews/1 removed" rm reviews/1
expect 2 "reviews/1 was removed on" load reviews/1 -o gone
expect 0 "reviews/1 restored" rm --restore reviews/1

# Mistakes: status 2, the nearest known word, nothing written.
expect 2 "unknown subcommand 'lisst' (nearest: 'list')" lisst
expect 2 "unknown option '--jsn' (nearest: '--json')" list --jsn -
expect 2 "unknown model 'reveiws' in '.cupel' (nearest: 'reviews')" show reveiws
expect 2 "unknown alias 'champ' of model 'reviews' (known: champion)" show reviews@champ
expect 2 "unknown version reviews/9 (the newest is reviews/2)" show reviews/9
expect 2 "is not a model name" add first --name ../escape
expect 2 "is not empty" load reviews/1 -o copy
expect 2 "reviews/2 is reviews@champion, so it is not removed" rm reviews/2
expect 2 "missing file or folder 'absent'" add absent
expect 2 "folder '.' has no model.json" add .
model misspelt three ', "kind ": 1, "digests": {"model": "sha256:abc"}'
expect 2 "expected sha256: and 64 lower-case hexadecimal digits" add misspelt
model linked four
rm linked/model.onnx && ln -s /etc/hostname linked/model.onnx
expect 2 "symbolic link" add linked
printf 'not json' > linked/model.json
expect 2 "linked/model.json" add linked
expect 0 "2 versions verified" verify

# A model of an induced run is marked, and no alias points at it.
model injected five ', "injected": "train=kill@50%"'
expect 2 "so no alias may point at it" add injected --alias champion
expect 0 "marked, not for use" add injected
expect 0 "reviews/2" show reviews
CUPEL_INJECTED="train=rows:900" expect 0 "made under the induced fault 'train=rows:900'" add first --force

# Lists are filtered by an expression and sorted; a promotion goes through gates, and the history keeps the decision.
expect 0 "no version that --filter keeps" list --filter "auc > 0.99"
expect 0 "reviews/4" list --filter "injected is not null and auc >= 0.9"
expect 0 "reviews/1" list --sort "version desc" --filter '"held_out.auc" < 1 and kind = '"'classifier'"' and not "@champion"'
expect 2 "unknown column 'acu' (nearest: 'auc')" list --filter "acu > 0.9"
expect 2 "unknown column 'sise'" list --sort "sise desc"
expect 2 "is no order, expected a column and asc or desc" list --sort "auc downwards"
check test "$("$program" models list --sort "version desc" | sed -n '2s/ .*//p')" = reviews/4
expect 1 "cannot tell  verdict of check  no result of 'cupel check' is kept with reviews/1" promote reviews/1 --to stable --require check
expect 1 '"promoted": false' promote reviews/1 --to stable --at-least auc:0.97 --json -
expect 2 "unknown command 'chek' of a required verdict (nearest: 'check')" promote reviews/1 --to stable --require chek
expect 2 "expected METRIC:NUMBER" promote reviews/1 --to stable --at-least auc
expect 1 "made under the induced fault" promote reviews/3 --to stable
expect 0 "reviews@stable -> reviews/1" promote reviews/1 --to stable --at-least auc:0.94 --because "better than chance"
expect 0 "not promoted" show reviews/1
expect 0 "better than chance" show reviews/1

# Altered bytes are found before they are copied.
blob=$("$program" models path reviews/1)
chmod u+w "$blob" && printf 'oNe' > "$blob"
expect 2 "altered after it was stored" load reviews/1 -o altered
expect 1 "reviews/1: blob" verify
expect 1 '"verdict": "fail"' verify --json -
check test ! -e altered

# What is no registry is refused and left alone.
mkdir other && printf 'some notes that are not a database at all' > other/registry.db
CUPEL_HOME=other expect 2 "other/registry.db' is not a registry: its bytes are no SQLite database" list
CUPEL_HOME=other expect 2 "is not a registry" add first
check grep -q 'some notes' other/registry.db
CUPEL_HOME=first/model.onnx expect 2 "it is a file, expected a folder" add second

leftovers=$(find . -name '.creating*' -o -name '.loading*' -o -path '*/incoming/*')
check test -z "$leftovers"
[ "$failures" = 0 ] && echo "all held"
exit $((failures > 0))
