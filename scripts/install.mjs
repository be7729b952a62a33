// Runs on Node 20: brings the packages to what the lock file says, when they are not.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './node-version.mjs'

/** Whether node_modules was made from this package-lock.json. */
function isCurrent() {
  const installed = join(root, 'node_modules', '.package-lock.json')
  const lock = join(root, 'package-lock.json')
  if (!existsSync(installed)) return false
  if (statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return true
  // a fresh checkout has new times on old files: compare what counts
  const wanted = JSON.parse(readFileSync(lock, 'utf8')).packages
  const present = JSON.parse(readFileSync(installed, 'utf8')).packages
  return Object.entries(wanted).every(
    ([path, { version, optional, link }]) =>
      path === '' || link || optional || !path.startsWith('node_modules/') || present[path]?.version === version,
  )
}

/** Ends the process with npm's message when it fails. */
export function ensurePackages() {
  refuseUnsupportedPlatform()
  if (isCurrent()) return
  console.log('Installing packages (about 1 GB on disk; the engine is the largest part) ...')
  // not `npm ci`: it refuses a lock file that leaves out packages for other platforms which this registry does not have. The versions are
  // those of the lock file here too, and without saving the file stays as it is
  const { status } = spawnSync('npm', ['install', '--no-save', '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: 'inherit',
  })
  if (status !== 0) {
    console.error(
      'npm install failed; its message stands above. Check the network and the free disk space, then try again.',
    )
    process.exit(1)
  }
}

/** The engine is built for Linux with glibc and for macOS: say so before half a gigabyte is downloaded. */
function refuseUnsupportedPlatform() {
  const { platform, arch } = process
  if (platform === 'win32') fail('Tidewatch runs on Windows inside WSL2: install Ubuntu there and run it in that.')
  if (!['linux', 'darwin'].includes(platform) || !['x64', 'arm64'].includes(arch))
    fail(`Tidewatch runs on Linux and macOS, x64 and arm64; this is ${platform} ${arch}.`)
  if (platform === 'linux' && process.report.getReport().header.glibcVersionRuntime === undefined) {
    fail(
      'The engine needs a Linux with glibc (Debian, Ubuntu, Fedora ...); this one has another C library, as Alpine has.',
    )
  }
}

function fail(message) {
  console.error(message)
  process.exit(1)
}
