// The real counterparts that the tests talk to come from Debian.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const needed = [
  { name: 'prometheus', file: '/usr/bin/prometheus' },
  { name: 'prometheus-alertmanager', file: '/usr/bin/amtool' },
  { name: 'prometheus-node-exporter', file: '/usr/bin/prometheus-node-exporter' },
  { name: 'postgresql', file: '/usr/lib/postgresql' },
  { name: 'chromium', file: '/usr/bin/chromium' },
]

/** Installs what is missing where that is allowed; else names it and ends the process. */
export function ensureDebianPackages() {
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
