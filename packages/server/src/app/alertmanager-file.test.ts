import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { formatProblem } from '@tidewatch/core/error.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ConfigHolder } from '../config/holder.ts'
import { alertmanagerOf } from './alertmanager-file.ts'
import { readConfiguration } from './configuration.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tidewatch-alertmanager-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true })
    writeFileSync(join(dir, name), text)
  }
}

const file = (receiver: string, config = ''): string => `route: { receiver: ${receiver} }
receivers:
  - name: ${receiver}
${config}`

const setupIn = (path: string, alertmanagerConfig?: string) => {
  const read = readConfiguration(path, {}, { alertmanagerConfig })
  if (!read.ok) throw new Error(read.problems.map(formatProblem).join('\n'))
  return alertmanagerOf(read.value)
}
function problemsIn(path: string): string[] {
  const read = readConfiguration(path, {})
  return read.ok ? [] : read.problems.map(formatProblem)
}

test('is found beside prometheus.yml and in folders, named in tidewatch.yml, or by the flag', () => {
  write({ 'prometheus.yml': '', 'alertmanager.yml': file('beside') })
  expect(setupIn(join(dir, 'prometheus.yml'))?.config.route.receiver).toBe('beside')
  expect(setupIn(dir)?.config.route.receiver).toBe('beside')
  write({ 'elsewhere/other.yml': file('other'), 'tidewatch.yml': 'alertmanager: { config_file: elsewhere/other.yml }' })
  expect(setupIn(dir)?.config.route.receiver).toBe('other')
  write({ 'flag.yml': file('flag') })
  expect(setupIn(dir, join(dir, 'flag.yml'))?.config.route.receiver).toBe('flag')
})

test('there need not be one; several without a word which is meant are refused', () => {
  write({ 'prometheus.yml': '' })
  expect(setupIn(dir)).toBeUndefined()
  write({ 'a/alertmanager.yml': file('a'), 'b/alertmanager.yml': file('b') })
  expect(problemsIn(dir)).toEqual([
    expect.stringContaining('there are several: a/alertmanager.yml, b/alertmanager.yml.'),
  ])
})

test('its receivers are integrations that keep their keys, with the templates it names', () => {
  const slack =
    "    slack_configs: [{ api_url: 'http://127.0.0.1/x', channel: '#a' }, { api_url: 'http://127.0.0.1/y', channel: '#b' }]\n"
  write({
    'alertmanager.yml': `templates: ['templates/*.tmpl']\n${file('critical', slack)}`,
    'templates/a.tmpl': '{{ define "x" }}y{{ end }}',
  })
  const setup = setupIn(dir)
  expect(setup?.integrations.map(({ key, receiver }) => [key, receiver])).toEqual([
    ['critical/slack[0]', 'critical'],
    ['critical/slack[1]', 'critical'],
  ])
  expect(setup?.templateFiles.map(({ name }) => name)).toEqual(['templates/a.tmpl'])
})

test('what is wrong is refused with file, line and key; a receiver type that is not supported by its name', () => {
  write({ 'alertmanager.yml': 'route: { receiver: a, group_wait: 30 }\nreceivers: [{ name: a }]\n' })
  expect(problemsIn(dir)).toEqual([expect.stringMatching(/^alertmanager\.yml:1:\d+ route\.group_wait: /)])
  write({ 'alertmanager.yml': file('a', '    victorops_configs: [{ api_key: k, routing_key: r }]\n') })
  expect(problemsIn(dir)).toEqual([expect.stringMatching(/^alertmanager\.yml:4.*cannot send to victorops/)])
  write({ 'alertmanager.yml': `templates: ['*.tmpl']\n${file('a')}`, 'bad.tmpl': '{{ define "x" }}' })
  expect(problemsIn(dir)).toHaveLength(1)
  write({
    'alertmanager.yml': file('a'),
    'tidewatch.yml': "channels: [{ name: ops, kind: webhook, url: 'http://127.0.0.1/', receivers: [b] }]",
  })
  expect(problemsIn(dir)).toEqual([expect.stringContaining('the channel ops names the receiver "b"')])
})

test('a bad new one leaves the old one in force', async () => {
  write({ 'alertmanager.yml': file('good') })
  const load = () => readConfiguration(dir, {})
  const first = load()
  if (!first.ok) return expect.unreachable()
  using holder = new ConfigHolder(first.value, { load, nowMs: () => 0, onReload: () => undefined })
  write({ 'alertmanager.yml': 'route: {}' })
  expect((await holder.reload()).ok).toBe(false)
  expect(alertmanagerOf(holder.current)?.config.route.receiver).toBe('good')
  write({ 'alertmanager.yml': file('better') })
  expect((await holder.reload()).ok).toBe(true)
  expect(alertmanagerOf(holder.current)?.config.route.receiver).toBe('better')
})
