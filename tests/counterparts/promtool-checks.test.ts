// The commands that judge files, beside Debian's promtool: the same tables, verdicts and exit codes.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot } from '@tidewatch/testkit/server.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Ran, run, runTidewatch, type TempDir, tempDir } from './programs.ts'

let dir: TempDir
beforeAll(() => {
  dir = tempDir()
})
afterAll(() => dir[Symbol.dispose]())

const main = join(repositoryRoot, 'packages', 'server', 'src', 'cli', 'main.ts')
/** The page by standard input. */
const fed = (command: string, page: string): Promise<Ran> => {
  dir.write('page.txt', page)
  return run('bash', ['-c', `${command} < ${dir.path}/page.txt`])
}

test('check metrics --extended counts as promtool does', async () => {
  const lines = ['# HELP rows_total Rows.', '# TYPE rows_total counter']
  for (let i = 0; i < 7; i++) lines.push(`rows_total{i="${i}"} ${i}`)
  for (const name of ['first_seconds', 'a_much_longer_name_seconds']) {
    lines.push(`# HELP ${name} Seconds.`, `# TYPE ${name} histogram`)
    for (const le of ['0.1', '1', '+Inf']) lines.push(`${name}_bucket{le="${le}"} 3`)
    lines.push(`${name}_sum 1`, `${name}_count 3`)
  }
  const page = `${lines.join('\n')}\n`
  const theirs = await fed('promtool check metrics --extended', page)
  const ours = await fed(`${process.execPath} ${main} check metrics --extended`, page)
  // of metrics with as many series promtool leaves the order to chance
  const sorted = ({ out }: Ran): string[] => out.trimEnd().split('\n').sort()
  expect(sorted(ours)).toEqual(sorted(theirs))
  expect([ours.code, theirs.code]).toEqual([0, 0])
})

const twice = `groups:
  - { name: a, rules: [{ record: "a:b", expr: up }, { record: "a:b", expr: up }] }
`

describe('lint', () => {
  test.each([
    ['--lint=duplicate-rules', 3],
    ['--lint=all', 3],
    ['--lint=none', 0],
  ])('check rules %s --lint-fatal', async (flag, code) => {
    const path = dir.write('twice.yml', twice)
    const theirs = await run('promtool', ['check', 'rules', flag, '--lint-fatal', path])
    expect([theirs.code, (await runTidewatch(['check', 'rules', flag, '--lint-fatal', path])).code]).toEqual([
      code,
      code,
    ])
  })

  test('check takes several by their names, as promtool check config does', async () => {
    dir.write('config/twice.yml', twice)
    const path = dir.write(
      'config/prometheus.yml',
      'rule_files: [twice.yml]\nscrape_configs: [{ job_name: rare, scrape_interval: 10m }]\n',
    )
    const found = await runTidewatch(['check', '--lint=duplicate-rules,too-long-scrape-interval', '--lint-fatal', path])
    expect(found.code).toBe(3)
    expect(found.err).toMatch(/lint error 1 duplicate rule\(s\) found\.\nMetric: a:b/)
    expect(found.err).toMatch(/job "rare" is scraped every 10m, and queries look back 5m/)
    const longer = ['--query.lookback-delta=15m', '--lint=too-long-scrape-interval', '--lint-fatal', path]
    expect((await runTidewatch(['check', ...longer])).code).toBe(0)
    expect((await run('promtool', ['check', 'config', '--lint=duplicate-rules', '--lint-fatal', path])).code).toBe(3)
    const wrong = await runTidewatch(['check', '--lint=all,dupes', path])
    expect(wrong.err).toContain('Allowed: all, none, or any of duplicate-rules, too-long-scrape-interval')
  })

  test('check --syntax-only leaves the rule files alone', async () => {
    dir.write('bad/rules.yml', 'groups: [{ name: a, rules: [{ record: "a:b", expr: "sum(" }] }]\n')
    const path = dir.write('bad/prometheus.yml', 'rule_files: [rules.yml]\n')
    for (const [args, code] of [[['--syntax-only'], 0] as const, [[], 1] as const]) {
      const theirs = await run('promtool', ['check', 'config', ...args, path])
      expect([theirs.code, (await runTidewatch(['check', ...args, path])).code]).toEqual([code, code])
    }
  })

  test('check --ignore-unknown-fields passes over keys of rule files', async () => {
    dir.write('more/rules.yml', 'groups: [{ name: a, owner: us, rules: [{ record: "a:b", expr: up, team: x }] }]\n')
    const path = dir.write('more/prometheus.yml', 'rule_files: [rules.yml]\n')
    expect((await runTidewatch(['check', path])).code).toBe(1)
    expect((await runTidewatch(['check', '--ignore-unknown-fields', path])).code).toBe(0)
  })
})

test('test rules --junit writes what failed, and --debug tells what was there', async () => {
  dir.write('rules.yml', twice)
  const tests = dir.write(
    'tests.yml',
    `rule_files: [rules.yml]
tests:
  - name: fine
    input_series: [{ series: up, values: '1 1' }]
    promql_expr_test: [{ expr: 'a:b', eval_time: 1m, exp_samples: [{ labels: 'a:b', value: 1 }] }]
  - name: wrong
    promql_expr_test: [{ expr: 'vector(1)', eval_time: 0, exp_samples: [] }]
`,
  )
  const results = join(dir.path, 'results.xml')
  const { code, err } = await runTidewatch(['test', 'rules', '--debug', '--junit', results, tests, 'no-such.yml'])
  expect(code).toBe(1)
  expect(err).toMatch(/DEBUG: {3}a:b {2}1@0 1@60/)
  const xml = readFileSync(results, 'utf8')
  expect(xml).toMatch(/<testsuite name="[^"]*tests\.yml" tests="2" failures="1" errors="0"/)
  expect(xml).toMatch(/<testcase name="wrong">\s*<failure>/)
  expect(xml).toMatch(/<testsuite name="no-such\.yml" tests="1" failures="0" errors="1"/)
})
