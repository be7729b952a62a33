import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { afterEach, expect, it } from 'vitest'
import { FakeAcceptor, fakeLogger } from './fakes.ts'
import { hostCollectors } from './host/registry.ts'
import { hostFiles, readHost, startHostMetrics } from './host.ts'
import { startLocalSource } from './local.ts'
import { startOwnMetrics } from './own-metrics.ts'

const roots: string[] = []
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true })
})

async function readAll(contents: Record<string, string>): Promise<string[]> {
  const root = mkdtempSync(join(tmpdir(), 'tidewatch-host-'))
  roots.push(root)
  for (const [path, text] of Object.entries(contents)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  const lines: string[] = []
  const families = new Set<string>()
  await readHost(hostFiles(root, new FakeClock()), {
    family: (name) => void families.add(name),
    sample: (name, labels, value) => {
      expect(families).toContain(name)
      lines.push(`${name}{${labels.join(',')}} ${value}`)
    },
  })
  return lines.filter((line) => !/^node_(?:uname_info|time_seconds)/.test(line))
}

it('lists every collector of the folder', () => {
  const files = readdirSync(join(import.meta.dirname, 'host')).filter(
    (name) => !/^(?:collector|registry)\.ts$/.test(name),
  )
  expect(files.length).toBeGreaterThan(5)
  expect(hostCollectors.map((collector) => `${collector.name}.ts`).sort()).toEqual(files.sort())
})

it('reads what Linux tells, under the names of node_exporter', async () => {
  const lines = await readAll({
    'proc/stat':
      'cpu  1 2 3 4 5 6 7 8 9 10\ncpu0 100 2 3 400 5 6 7 8 9 10\nintr 77 1 2\nctxt 5\nbtime 1700000000\nprocesses 9\nprocs_running 1\nprocs_blocked 0\n',
    'proc/meminfo': 'MemTotal:       16 kB\nActive(anon):    2 kB\nHugePages_Total:       3\n',
    'proc/loadavg': '0.50 1.25 2.00 1/100 4711\n',
    'proc/diskstats':
      '   8       0 sda 1 2 3 4000 5 6 7 8000 9 10000 11000\n   8       1 sda1 1 2 3 4 5 6 7 8 9 10 11\n   7       0 loop0 1 1 1 1 1 1 1 1 1 1 1\n',
    'proc/net/dev':
      'Inter-|   Receive\n face |bytes\n  eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\nveth1: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n',
    'proc/sys/fs/file-nr': '1024\t0\t9223372036854775807\n',
    'proc/pressure/cpu': 'some avg10=0.00 avg60=0.00 avg300=0.00 total=2500000\nfull avg10=0.00 total=1\n',
    'proc/pressure/io': 'some total=1000000\nfull total=500000\n',
    'proc/vmstat': 'nr_free_pages 5\npgfault 6\noom_kill 0\n',
    'proc/net/sockstat': 'sockets: used 290\nTCP: inuse 5 orphan 0\n',
    'etc/os-release': 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nHOME_URL="x"\n',
  })
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "node_cpu_seconds_total{cpu,0,mode,user} 1
    node_cpu_seconds_total{cpu,0,mode,nice} 0.02
    node_cpu_seconds_total{cpu,0,mode,system} 0.03
    node_cpu_seconds_total{cpu,0,mode,idle} 4
    node_cpu_seconds_total{cpu,0,mode,iowait} 0.05
    node_cpu_seconds_total{cpu,0,mode,irq} 0.06
    node_cpu_seconds_total{cpu,0,mode,softirq} 0.07
    node_cpu_seconds_total{cpu,0,mode,steal} 0.08
    node_cpu_guest_seconds_total{cpu,0,mode,user} 0.09
    node_cpu_guest_seconds_total{cpu,0,mode,nice} 0.1
    node_intr_total{} 77
    node_context_switches_total{} 5
    node_boot_time_seconds{} 1700000000
    node_forks_total{} 9
    node_procs_running{} 1
    node_procs_blocked{} 0
    node_memory_MemTotal_bytes{} 16384
    node_memory_Active_anon_bytes{} 2048
    node_memory_HugePages_Total{} 3
    node_load1{} 0.5
    node_load5{} 1.25
    node_load15{} 2
    node_disk_reads_completed_total{device,sda} 1
    node_disk_reads_merged_total{device,sda} 2
    node_disk_read_bytes_total{device,sda} 1536
    node_disk_read_time_seconds_total{device,sda} 4
    node_disk_writes_completed_total{device,sda} 5
    node_disk_writes_merged_total{device,sda} 6
    node_disk_written_bytes_total{device,sda} 3584
    node_disk_write_time_seconds_total{device,sda} 8
    node_disk_io_now{device,sda} 9
    node_disk_io_time_seconds_total{device,sda} 10
    node_disk_io_time_weighted_seconds_total{device,sda} 11
    node_network_receive_bytes_total{device,eth0} 1
    node_network_receive_packets_total{device,eth0} 2
    node_network_receive_errs_total{device,eth0} 3
    node_network_receive_drop_total{device,eth0} 4
    node_network_receive_fifo_total{device,eth0} 5
    node_network_receive_frame_total{device,eth0} 6
    node_network_receive_compressed_total{device,eth0} 7
    node_network_receive_multicast_total{device,eth0} 8
    node_network_transmit_bytes_total{device,eth0} 9
    node_network_transmit_packets_total{device,eth0} 10
    node_network_transmit_errs_total{device,eth0} 11
    node_network_transmit_drop_total{device,eth0} 12
    node_network_transmit_fifo_total{device,eth0} 13
    node_network_transmit_colls_total{device,eth0} 14
    node_network_transmit_carrier_total{device,eth0} 15
    node_network_transmit_compressed_total{device,eth0} 16
    node_filefd_allocated{} 1024
    node_filefd_maximum{} 9223372036854776000
    node_pressure_cpu_waiting_seconds_total{} 2.5
    node_pressure_io_waiting_seconds_total{} 1
    node_pressure_io_stalled_seconds_total{} 0.5
    node_vmstat_pgfault{} 6
    node_vmstat_oom_kill{} 0
    node_sockstat_sockets_used{} 290
    node_sockstat_TCP_inuse{} 5
    node_sockstat_TCP_orphan{} 0
    node_os_info{pretty_name,Debian GNU/Linux 12 (bookworm),id,debian} 1"
  `)
})

it('reads file systems by statfs, blanks in names included', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tidewatch mount-'))
  roots.push(directory)
  const lines = await readAll({
    'proc/mounts': `/dev/vda1 ${directory.replace(' ', '\\040')} ext4 ro,relatime 0 0\nproc /proc proc rw 0 0\nserver:/x /mnt nfs4 rw 0 0\n/dev/vdb /not/there ext4 rw 0 0\n`,
    'proc/stat': '',
  })
  const labels = `device,/dev/vda1,fstype,ext4,mountpoint,${directory}`
  expect(lines).toContain(`node_filesystem_readonly{${labels}} 1`)
  expect(lines).toContain(`node_filesystem_device_error{${labels}} 0`)
  expect(lines.find((line) => line.startsWith(`node_filesystem_size_bytes{${labels}}`))).toMatch(/ [1-9]\d+$/)
  expect(lines).toContain('node_filesystem_device_error{device,/dev/vdb,fstype,ext4,mountpoint,/not/there} 1')
  expect(lines.some((line) => line.includes('nfs4'))).toBe(false)
})

it('falls back on what Node knows where there is no /proc', async () => {
  const lines = await readAll({})
  for (const name of ['node_cpu_seconds_total', 'node_memory_total_bytes', 'node_load1']) {
    expect(lines.some((line) => line.startsWith(name))).toBe(true)
  }
})

it('writes the host at once and then every 15 s', async () => {
  const acceptor = new FakeAcceptor()
  const clock = new FakeClock(Date.UTC(2026, 0, 1) + 5000)
  const first = acceptor.next()
  await using _host = startHostMetrics({ acceptor, clock, logger: fakeLogger() })
  const lines = await first
  expect(lines.length).toBeGreaterThan(20)
  expect(lines.find((line) => line.startsWith('up{'))).toMatch(/job="host"} @1767225605000 1$/)
  const second = acceptor.next()
  while (clock.sleeping === 0) await clock.advance(0)
  await clock.advance(10_000)
  expect((await second).find((line) => line.startsWith('up{'))).toMatch(/@1767225615000 1$/)
})

it('marks stale what a source no longer has, and says up 0 when it fails', async () => {
  const acceptor = new FakeAcceptor()
  const clock = new FakeClock()
  const logger = fakeLogger()
  let names = ['a', 'b']
  const source = {
    job: 'j',
    instance: 'i',
    read: (sink: { sample(name: string, labels: readonly string[], value: number): void }) => {
      if (names.length === 0) throw new Error('nothing')
      for (const name of names) sink.sample(name, ['x', '1'], 1)
    },
  }
  await using _loop = startLocalSource(source, { acceptor, clock, logger })
  const next = async () => {
    await clock.advance(15_000)
    return acceptor.batches
      .at(-1)
      ?.filter((line) => !line.startsWith('scrape'))
      .map((line) => line.replace(/\{.*?\} @\d+/, ''))
  }
  await clock.advance(0)
  names = ['b']
  expect(await next()).toEqual(['b 1', 'up 1', 'a stale'])
  expect(await next()).toEqual(['b 1', 'up 1'])
  names = []
  expect(await next()).toEqual(['up 0', 'b stale'])
  expect(await next()).toEqual(['up 0'])
  expect(logger.lines).toEqual(['the metrics of job j could not be read or stored'])
})

it('writes our own metrics as job tidewatch', async () => {
  const acceptor = new FakeAcceptor()
  const sample = {
    name: 'tidewatch_x_total',
    family: 'tidewatch_x_total',
    type: 'counter',
    help: 'X.',
    labels: { a: '1' },
    value: 3,
  } as const
  const metrics = { render: () => [sample] } as never
  const written = acceptor.next()
  await using _own = startOwnMetrics({
    acceptor,
    clock: new FakeClock(),
    logger: fakeLogger(),
    metrics,
    instance: 'h:4900',
  })
  expect((await written)[0]).toMatch(/^tidewatch_x_total\{a="1", instance="h:4900", job="tidewatch"\} @\d+ 3$/)
  expect(acceptor.metadata[0]).toEqual({
    project: 0,
    family: 'tidewatch_x_total',
    type: 'counter',
    help: 'X.',
    unit: '',
  })
})
