import type { HostCollector } from './collector.ts'
import { disks } from './disks.ts'
import { fileDescriptors } from './file-descriptors.ts'
import { filesystems } from './filesystems.ts'
import { load } from './load.ts'
import { memory } from './memory.ts'
import { network } from './network.ts'
import { pressure } from './pressure.ts'
import { sockets } from './sockets.ts'
import { stat } from './stat.ts'
import { system } from './system.ts'
import { vmstat } from './vmstat.ts'

/** Everything that is read of the host. */
export const hostCollectors: readonly HostCollector[] = [
  stat,
  memory,
  load,
  disks,
  network,
  filesystems,
  fileDescriptors,
  pressure,
  vmstat,
  sockets,
  system,
]
