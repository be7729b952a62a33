// What the overview asks, in one place: host metrics have node_exporter's names, our own are tidewatch_* and process_*.
import { rateWindow } from '../../data/range.ts'
import type { Unit } from '../../ui/units.ts'

export interface StatQuestion {
  readonly title: string
  readonly unit: Unit
  readonly query: (stepMs: number) => string
  /** A single value that the newest one is held against. */
  readonly against?: { readonly query: string; readonly words: (value: number) => string }
  readonly limits?: readonly { readonly value: number; readonly name: string; readonly tone: 'warn' | 'crit' }[]
  /** Which of several series the big figure is: the one with the highest value, or the sum of all. */
  readonly headline: 'highest' | 'first'
}

const host = 'job="host"'
const realDisks = `${host},fstype!~"tmpfs|ramfs|overlay|squashfs|iso9660|autofs|devtmpfs|fuse.*|nsfs|tracefs|proc|sysfs"`
const window = (stepMs: number): string => `[${rateWindow(stepMs)}]`
const named = (query: string, name: string): string => `label_replace(${query}, "direction", "${name}", "", "")`

const processors = (value: number): string => `of ${value} ${value === 1 ? 'processor' : 'processors'}`
const gib = (value: number): string => `of ${(value / 1024 ** 3).toFixed(1)} GiB`

export const hostQuestions: readonly StatQuestion[] = [
  {
    title: 'Processor',
    unit: 'ratio',
    query: (step) => `1 - avg(rate(node_cpu_seconds_total{${host},mode="idle"}${window(step)}))`,
    against: { query: `count(count by (cpu) (node_cpu_seconds_total{${host}}))`, words: processors },
    headline: 'first',
  },
  {
    title: 'Memory',
    unit: 'bytes',
    query: () => `sum(node_memory_MemTotal_bytes{${host}} - node_memory_MemAvailable_bytes{${host}})`,
    against: { query: `node_memory_MemTotal_bytes{${host}}`, words: gib },
    headline: 'first',
  },
  {
    title: 'Disk',
    unit: 'ratio',
    query: () =>
      `max by (mountpoint) (1 - node_filesystem_avail_bytes{${realDisks}} / (node_filesystem_size_bytes{${realDisks}} > 0))`,
    limits: [{ value: 0.9, name: 'warns at 90 %', tone: 'warn' }],
    headline: 'highest',
  },
  {
    title: 'Network',
    unit: 'bytes/s',
    query: (step) => {
      const rate = (metric: string) => `sum(rate(${metric}{${host},device!="lo"}${window(step)}))`
      return `${named(rate('node_network_receive_bytes_total'), 'received')} or ${named(rate('node_network_transmit_bytes_total'), 'sent')}`
    },
    headline: 'highest',
  },
  {
    title: 'Load',
    unit: 'number',
    query: () => `sum(node_load1{${host}})`,
    against: {
      query: `count(count by (cpu) (node_cpu_seconds_total{${host}}))`,
      words: (value) => `over 1 min, ${processors(value).replace('of', 'on')}`,
    },
    headline: 'first',
  },
  {
    title: 'Disk traffic',
    unit: 'bytes/s',
    query: (step) => {
      const rate = (metric: string) => `sum(rate(${metric}{${host}}${window(step)}))`
      return `${named(rate('node_disk_written_bytes_total'), 'written')} or ${named(rate('node_disk_read_bytes_total'), 'read')}`
    },
    headline: 'highest',
  },
]

const own = 'job="tidewatch"'
/** The engine is a process of its own; with a ClickHouse elsewhere there is none. */
const withEngine = (server: string, engine: string): string => `${server} + (${engine} or vector(0))`

export const ownQuestions: readonly StatQuestion[] = [
  {
    title: 'Samples arriving',
    unit: '/s',
    query: (step) => `sum(rate(tidewatch_ingest_samples_total{${own}}${window(step)}))`,
    headline: 'first',
  },
  {
    title: 'Memory of all processes',
    unit: 'bytes',
    query: () => `sum(tidewatch_memory_bytes{${own}})`,
    headline: 'first',
  },
]

/** Lines of the aside: newest values only. */
export const ownFacts: readonly { readonly title: string; readonly query: string; readonly unit: Unit }[] = [
  { title: 'Series', query: `sum(tidewatch_head_series{${own}})`, unit: 'number' },
  { title: 'Waiting to be stored', query: `sum(tidewatch_spool_bytes{${own}})`, unit: 'bytes' },
  {
    title: 'Processor',
    query: withEngine(
      `sum(rate(process_cpu_seconds_total{${own}}[5m]))`,
      `sum(rate(tidewatch_engine_cpu_seconds_total{${own}}[5m]))`,
    ),
    unit: 'ratio',
  },
  { title: 'Running for', query: `time() - min(process_start_time_seconds{${own}})`, unit: 'seconds' },
]

/** The share of targets of each job that answered, over each bar. */
export const jobStrips = (stepMs: number): string => `avg by (job) (avg_over_time(up[${rateWindow(stepMs / 4)}]))`
