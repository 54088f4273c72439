#!/usr/bin/env bash
# Writes certificate.ts anew: an authority and what it vouches for, all of one key. Needs openssl 3.
set -euo pipefail
cd "$(dirname "$0")"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

cat >ca.cnf <<'END'
[ca]
default_ca = here
[here]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
unique_subject = no
policy = any
copy_extensions = copy
[any]
commonName = supplied
[authority]
basicConstraints = critical, CA:TRUE
[server]
basicConstraints = critical, CA:FALSE
END
touch index.txt
openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ca.key
openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out server.key
openssl req -new -key ca.key -subj '/CN=Test authority' -out ca.csr
openssl ca -config ca.cnf -batch -notext -selfsign -extensions authority -keyfile ca.key \
  -startdate 20200101000000Z -enddate 21300101000000Z -in ca.csr -out authority.pem 2>/dev/null

# issue FILE NAMES FROM TO
issue() {
  openssl req -new -key server.key -subj '/CN=Test origin' -addext "subjectAltName=$2" -out "$1.csr"
  openssl ca -config ca.cnf -batch -notext -extensions server -cert authority.pem -keyfile ca.key \
    -startdate "$3" -enddate "$4" -in "$1.csr" -out "$1.pem" 2>/dev/null
}
here='IP:127.0.0.1,DNS:localhost,DNS:pictures.example'
issue certificate "$here" 20200101000000Z 21200101000000Z
issue otherName 'IP:127.0.0.9,DNS:other.example' 20200101000000Z 21200101000000Z
issue expired "$here" 20200101000000Z 20210101000000Z
issue notYetValid "$here" 21190101000000Z 21200101000000Z
openssl req -new -key server.key -subj '/CN=Test origin' -addext "subjectAltName=$here" -out selfSigned.csr
openssl ca -config ca.cnf -batch -notext -selfsign -extensions server -keyfile server.key \
  -startdate 20200101000000Z -enddate 21200101000000Z -in selfSigned.csr -out selfSigned.pem 2>/dev/null

cd - >/dev/null
{
  echo '// Made by make-certificates.sh. For tests alone: everybody knows the key.'
  emit() { printf '\n/** %s */\nexport const %s = `%s\n`;\n' "$2" "$1" "$(cat "$dir/$3")"; }
  emit authority 'Vouches for all but the self-signed one; what a test has to trust.' authority.pem
  emit certificateKey 'Of every certificate here.' server.key
  emit certificate 'For 127.0.0.1, localhost and pictures.example.' certificate.pem
  emit otherName 'For 127.0.0.9 and other.example.' otherName.pem
  emit expired 'As `certificate`, until 2021.' expired.pem
  emit notYetValid 'As `certificate`, from 2119 on.' notYetValid.pem
  emit selfSigned 'As `certificate`, and nobody vouches for it.' selfSigned.pem
} >certificate.ts
