/** Said wherever a source was expected and none, or something else, was found. */
export const sourceHint = 'give it a URL, imgur:ID, demo: or a list with -i FILE; see gallop --help';

/** Shown below the help of each command. No line is wider than 60 columns. */
export const examples = {
  root: `
Try it without a network, on pictures that it draws itself:
  gallop race demo:
  gallop demo:

Download:
  gallop https://imgur.com/a/ID -d pictures
  gallop -i urls.txt --resize 512
  gallop -i photos.csv --output webdataset
  gallop get --help           every option

Exit codes: 0 all there, 2 usage, 3 some failed, 4 listing
not readable, 5 disk, 130 interrupted, 1 a fault of ours`,
  get: `
Every option can also be set as GALLOP_NAME in the
environment or in .env (GALLOP_PER_HOST=20), or as "name"
in gallop.config.json ("perHost": 20). Flags win over the
environment, the environment over the file.
Imgur needs CLIENT_ID in the environment or in .env.

Examples:
  gallop https://imgur.com/a/ID
  gallop imgur:ID --name '{album.title}/{index:03}.{ext}'
  gallop -i urls.txt --resize 512 --format webp
  gallop -i photos.csv --output webdataset -d set
  gallop -i urls.txt --failed again.txt
  gallop -i again.txt --retries 10
  zcat urls.gz | gallop -i - --json > log.jsonl`,
  race: `
Examples:
  gallop race demo: --report race.html
  gallop race imgur:ID --strategies sync,async --runs 3
  gallop race 'demo:?images=100&rtt=80ms'
  gallop race 'demo:?images=100' --resize 256`,
  list: `
Takes the options of get, so that any download can be
looked at before.

Examples:
  gallop list imgur:ID
  gallop list -i urls.txt | jq -r .target`,
  verify: `
Exit code 3 when a file is missing or changed; the command
that fetched it fetches it again, and so does --repair, by
what the journal knows: exit code 0 when all is good then.
Files that are not Gallop's are left alone.

Examples:
  gallop verify downloads
  gallop verify downloads --repair
  gallop verify downloads --json | grep changed`,
  report: `
One page, without scripts and without requests: what became
of the items and why, speed, sizes, hosts, duplicates, and
thumbnails. A run that is under way goes on undisturbed.

Examples:
  gallop report downloads
  gallop report downloads -o today.html
  gallop report downloads --json | jq .failures`,
  origin: `
Serves an album of pictures that it draws, with the answers
of Imgur's API and the delays of a network, on 127.0.0.1.

Parameters, as in ?images=200&rtt=40ms:
  images, kinds, bytes=300KB, mix=80%x20KB,20%x2MB, seed
  rtt=40ms, think=30-90ms, connection=1MB/s, link=50MB/s,
  slowstart=on|off, hosts=200, spread=4
  knee=24, kneemode=429|503|slow|collapse, rate=400, burst,
  ratestatus, retryafter=1s|none, workers, maxconnections
  change=500|2s with changed.rtt=80ms, changed.knee=16, ...
  faults=0.05, refused=0.2

Examples:
  gallop origin
  gallop origin '?images=200&rtt=40ms' --port 8080
  gallop race 'demo:?bytes=30KB&knee=24'`,
};
