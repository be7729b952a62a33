import { statfs } from 'node:fs/promises'
import type { LocalSink } from '../local.ts'
import { type HostCollector, type HostFiles, linesOf, wordsOf } from './collector.ts'

const ignoredMounts =
  /^\/(?:dev|proc|sys|run\/credentials\/.+|var\/lib\/docker\/.+|var\/lib\/containers\/storage\/.+)(?:$|\/)/
const ignoredTypes =
  /^(?:autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|efivarfs|fusectl|hugetlbfs|iso9660|mqueue|nsfs|proc|procfs|pstore|ramfs|rpc_pipefs|securityfs|selinuxfs|squashfs|erofs|sysfs|tracefs)$/
/** A server of these that does not answer would hold one of our few file threads for ever. */
const networkTypes = /^(?:nfs\d?|cifs|smb3|smbfs|afs|ceph|glusterfs|lustre|9p|fuse\..*)$/
const maxFilesystems = 64

const families = [
  ['node_filesystem_size_bytes', 'Filesystem size in bytes.'],
  ['node_filesystem_free_bytes', 'Filesystem free space in bytes.'],
  ['node_filesystem_avail_bytes', 'Filesystem space available to non-root users in bytes.'],
  ['node_filesystem_files', 'Filesystem total file nodes.'],
  ['node_filesystem_files_free', 'Filesystem total free file nodes.'],
  ['node_filesystem_readonly', 'Filesystem read-only status.'],
  ['node_filesystem_device_error', 'Whether an error occurred while getting statistics for the given device.'],
] as const

interface Mount {
  readonly device: string
  readonly mountpoint: string
  readonly fstype: string
  readonly readonly: boolean
}

/** Room on the file systems: statfs(2) of what /proc/mounts lists. */
export const filesystems: HostCollector = {
  name: 'filesystems',
  async collect(host, sink) {
    const mounts = await findMounts(host)
    if (mounts.length > 0) for (const [name, help] of families) sink.family(name, 'gauge', help)
    for (const mount of mounts) await collectMount(mount, sink)
  },
}

async function findMounts(host: HostFiles): Promise<readonly Mount[]> {
  const found = new Map<string, Mount>()
  for (const line of linesOf(await host.read('/proc/mounts'))) {
    const [device, mountpoint, fstype, options] = wordsOf(line).map(decodeOctal)
    if (options === undefined || ignoredMounts.test(mountpoint) || ignoredTypes.test(fstype)) continue
    // overlays are the layers of other people's containers; as the root it is our own
    if (networkTypes.test(fstype) || (fstype === 'overlay' && mountpoint !== '/')) continue
    found.set(mountpoint, { device, mountpoint, fstype, readonly: options.split(',').includes('ro') })
  }
  return [...found.values()].slice(0, maxFilesystems)
}

async function collectMount({ device, mountpoint, fstype, readonly }: Mount, sink: LocalSink): Promise<void> {
  const labels = ['device', device, 'fstype', fstype, 'mountpoint', mountpoint]
  let error = 0
  try {
    const { bsize, blocks, bfree, bavail, files, ffree } = await statfs(mountpoint)
    sink.sample('node_filesystem_size_bytes', labels, blocks * bsize)
    sink.sample('node_filesystem_free_bytes', labels, bfree * bsize)
    sink.sample('node_filesystem_avail_bytes', labels, bavail * bsize)
    sink.sample('node_filesystem_files', labels, files)
    sink.sample('node_filesystem_files_free', labels, ffree)
    sink.sample('node_filesystem_readonly', labels, readonly ? 1 : 0)
  } catch {
    // a mount that we may not look at, or that is just going: the metric says so
    error = 1
  }
  sink.sample('node_filesystem_device_error', labels, error)
}

/** Blanks stand as octal numbers in /proc/mounts. */
function decodeOctal(word: string): string {
  return word.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}
