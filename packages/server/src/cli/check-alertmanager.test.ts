import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { checkAlertmanager } from './check-alertmanager.ts'
import { readCall } from './command.ts'

const directory = mkdtempSync(join(tmpdir(), 'tidewatch-check-alertmanager-'))
afterAll(() => rmSync(directory, { recursive: true }))

async function check(text: string, ...flags: string[]): Promise<{ readonly code: number; readonly lines: string }> {
  const file = join(directory, 'alertmanager.yml')
  writeFileSync(file, text)
  const lines: string[] = []
  const say = (line: string): void => void lines.push(line)
  const call = readCall([file, ...flags], checkAlertmanager, { env: {}, out: say, err: say })
  const code = await checkAlertmanager.run(call)
  return { code, lines: lines.join('\n').replaceAll(`${directory}/`, '') }
}

const start = 'route: {receiver: r}\n'

test('a good file is found whole, in the words of amtool', async () => {
  const text = `${start}receivers: [{name: r, webhook_configs: [{url: "http://h"}]}]\ninhibit_rules: [{}]\n`
  expect(await check(text)).toMatchInlineSnapshot(`
    {
      "code": 0,
      "lines": "Checking alertmanager.yml
      SUCCESS
    Found:
     - global config
     - route
     - 1 inhibit rules
     - 1 receivers
     - 0 templates",
    }
  `)
})

test('all that is wrong is told with its place', async () => {
  expect(await check('route: {receiver: r}\nreceivers: [{name: s}]\n')).toMatchInlineSnapshot(`
    {
      "code": 1,
      "lines": "Checking alertmanager.yml
      FAILED:
    alertmanager.yml:1:9 route.receiver: there is no receiver "r". Did you mean s?
    1 of 1 file would not be started.",
    }
  `)
})

test('a type that is not sent to is refused by name, though amtool takes the file', async () => {
  const text = `${start}receivers:\n- name: r\n  wechat_configs:\n  - {corp_id: c, api_secret: s}\n`
  expect(await check(text)).toMatchInlineSnapshot(`
    {
      "code": 1,
      "lines": "Checking alertmanager.yml
      SUCCESS
    Found:
     - global config
     - route
     - 0 inhibit rules
     - 1 receivers
     - 0 templates
      Tidewatch cannot send by it:
    alertmanager.yml:5:5 receivers[0].wechat_configs[0]: receiver "r" has wechat_configs, and Tidewatch cannot send to wechat. Supported: webhook_configs, email_configs, pagerduty_configs, opsgenie_configs, slack_configs, pushover_configs, telegram_configs, discord_configs, msteams_configs, msteamsv2_configs. webhook_configs reaches what has an address.
    1 of 1 file would not be started.",
    }
  `)
})

test('classic mode takes no names beyond letters and digits', async () => {
  const text = 'route: {receiver: r, group_by: ["a b"]}\nreceivers: [{name: r}]\n'
  expect((await check(text)).code).toBe(0)
  expect((await check(text, '--enable-feature', 'classic-mode')).code).toBe(1)
})

test('a file that is not there is told', async () => {
  const lines: string[] = []
  const say = (line: string): void => void lines.push(line)
  const call = readCall([join(directory, 'none.yml')], checkAlertmanager, { env: {}, out: say, err: say })
  expect(await checkAlertmanager.run(call)).toBe(1)
  expect(lines.join('\n')).toContain('cannot be read')
})

test('every option of the types that are sent to is taken by their channels', async () => {
  const text = readFileSync(new URL('fixtures/alertmanager.good.yml', import.meta.url), 'utf8')
  const { code, lines } = await check(text)
  expect([code, lines]).toEqual([0, expect.stringContaining('SUCCESS')])
})

const root = fileURLToPath(new URL('../../../../', import.meta.url))
const cases = resolve(
  process.env.CONFORMANCE_DIR ?? resolve(root, '..', 'shared', 'conformance'),
  'alertmanager/config',
)

describe.runIf(existsSync(cases))('files of the conformance cases', () => {
  const filesIn = (folder: string): string[] => (existsSync(cases) ? readdirSync(join(cases, folder)) : [])

  test.each(filesIn('good'))(
    '%s is taken, or refused for a type that is not sent to and nothing else',
    async (name) => {
      const { code, lines } = await check(readFileSync(join(cases, 'good', name), 'utf8'))
      const [, told = ''] = lines.split('Tidewatch cannot send by it:\n')
      const complaints = told.split('\n').filter((line) => line.startsWith('alertmanager.yml:'))
      expect(complaints.filter((line) => !/ has \w+_configs, and Tidewatch cannot send to /.test(line))).toEqual([])
      expect(code).toBe(complaints.length > 0 ? 1 : 0)
    },
  )

  test.each(filesIn('bad'))('%s is refused with its line', async (name) => {
    const { code, lines } = await check(readFileSync(join(cases, 'bad', name), 'utf8'))
    expect([code, lines]).toEqual([1, expect.stringMatching(/FAILED:\nalertmanager\.yml:\d+:\d+[: ]/)])
  })
})
