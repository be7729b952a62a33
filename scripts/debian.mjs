// The real counterparts that the tests talk to come from Debian.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './node-version.mjs'

const needed = [
  { name: 'prometheus', file: '/usr/bin/prometheus' },
  { name: 'prometheus-alertmanager', file: '/usr/bin/amtool' },
  { name: 'prometheus-node-exporter', file: '/usr/bin/prometheus-node-exporter' },
  { name: 'victoria-metrics', file: '/usr/bin/victoria-metrics' },
  { name: 'postgresql', file: '/usr/lib/postgresql' },
  { name: 'chromium', file: '/usr/bin/chromium' },
  { name: 'rsyslog', file: '/usr/sbin/rsyslogd' },
  { name: 'rsyslog-gnutls', file: '/usr/share/doc/rsyslog-gnutls' },
  { name: 'logrotate', file: '/usr/sbin/logrotate' },
  { name: 'netcat-openbsd', file: '/usr/bin/nc' },
  { name: 'python3', file: '/usr/bin/python3' },
  { name: 'openssl', file: '/usr/bin/openssl' },
  ...['libivykis0', 'libnet1', 'libwrap0', 'libpcre3', 'libjson-c5'].map((name) => ({
    name,
    file: `/usr/share/doc/${name}`,
  })),
]

/** Programs that exclude one that is installed: unpacked beside it, which needs no rights. Their libraries stand above. */
const unpacked = [{ name: 'syslog-ng-core', program: 'usr/sbin/syslog-ng' }]
const unpackedDir = join(root, 'node_modules', '.cache', 'debian')

/** Installs what is missing where that is allowed; else names it and ends the process. */
export function ensureDebianPackages() {
  installPackages()
  for (const { name, program } of unpacked) if (!existsSync(join(unpackedDir, name, program))) unpack(name)
}

function unpack(name) {
  console.log(`Unpacking from Debian: ${name} ...`)
  const dir = join(unpackedDir, name)
  mkdirSync(dir, { recursive: true })
  const run = (command, ...args) =>
    spawnSync(command, args, { cwd: dir, stdio: ['ignore', 'ignore', 'inherit'] }).status
  const isDone =
    run('apt-get', 'download', '-q', name) === 0 &&
    run('dpkg', '-x', readdirSync(dir).find((file) => file.endsWith('.deb')) ?? '', '.') === 0
  if (isDone) return
  console.error(`The tests talk to ${name}, and it could not be had from Debian. Run: sudo apt-get update`)
  process.exit(1)
}

function installPackages() {
  const missing = needed.filter(({ file }) => !existsSync(file)).map(({ name }) => name)
  if (missing.length === 0) return
  const command = ['apt-get', 'install', '-y', '--no-install-recommends', ...missing]
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    console.log(`Installing from Debian: ${missing.join(', ')} ...`)
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    spawnSync('apt-get', ['update', '-q'], { stdio: ['ignore', 'ignore', 'inherit'], env })
    const { status } = spawnSync(command[0], [...command.slice(1), '-q'], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env,
    })
    // the packages start their services; the tests start their own
    for (const name of missing) spawnSync('systemctl', ['disable', '--now', name], { stdio: 'ignore' })
    if (status === 0) return
  }
  console.error(`The tests talk to real programs that are missing here. Run: sudo ${command.join(' ')}`)
  process.exit(1)
}
