import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readCall } from './command.ts'
import { templateRender } from './template-render.ts'

const directory = mkdtempSync(join(tmpdir(), 'tidewatch-template-render-'))
afterAll(() => rmSync(directory, { recursive: true }))

async function render(...args: string[]): Promise<string> {
  const lines: string[] = []
  const say = (line: string): void => void lines.push(line)
  expect(await templateRender.run(readCall(args, templateRender, { env: {}, out: say, err: say }))).toBe(0)
  return lines.join('\n')
}

function write(name: string, text: string): string {
  const file = join(directory, name)
  writeFileSync(file, text)
  return file
}

const title = '--template.text={{ template "slack.default.title" . }}'

test('what is built in, with an alert that was made up', async () => {
  expect(await render(title)).toBe('[FIRING:1] InstanceDown (db-1:9100 node critical)')
})

test('files define templates anew, data comes from a file', async () => {
  write('a.tmpl', '{{ define "slack.default.title" }}{{ .Receiver }}: {{ (index .Alerts 0).StartsAt.Unix }}{{ end }}')
  const data = write(
    'data.json',
    '{"receiver": "ops", "alerts": [{"startsAt": "2026-01-31T10:00:00.5Z", "labels": null}]}',
  )
  expect(await render(title, '--template.glob', join(directory, '*.tmpl'), '--template.data', data)).toBe(
    'ops: 1769853600',
  )
})

test('values are escaped in html', async () => {
  const data = write('odd.json', '{"receiver": "<b>"}')
  expect(await render('--template.text=<p>{{ .Receiver }}</p>', '--template.type=html', '--template.data', data)).toBe(
    '<p>&lt;b&gt;</p>',
  )
})

test.each([
  [[], 'There is nothing to render.'],
  [['--template.text=x', '--template.type=pdf'], '--template.type is "pdf".'],
  [['--template.text={{ .Nope }}'], 'template: --template.text:1:3: executing "--template.text" at <.Nope>'],
  [['--template.text=x', '--template.glob=/nowhere/*.tmpl'], 'names no file'],
  [['--template.text=x', '--template.data=/nowhere.json'], '/nowhere.json cannot be read'],
])('what is wrong is told: %j', async (args, message) => {
  await expect(render(...args)).rejects.toThrow(message)
})

test('a fault in a file is told with its line and column', async () => {
  const file = write('broken.tmp', 'a\n{{ define "x" }}{{ nope }}{{ end }}')
  await expect(render('--template.text=x', '--template.glob', file)).rejects.toMatchObject({
    code: 'template.parse',
    where: { file, line: 2, column: 19 },
  })
  const data = write('broken.json', '{"alerts": [{"status": "odd"}]}')
  await expect(render('--template.text=x', '--template.data', data)).rejects.toMatchObject({
    where: { file: data, key: 'alerts.0.status' },
  })
})
