import { AppError } from '@tidewatch/core/error.ts'
import { Labels } from '@tidewatch/core/labels.ts'
import { expect, test } from 'vitest'
import { checkRuleTemplate, expandRuleTemplate, type RuleTemplateContext, type TemplateSample } from './rules.ts'

const asked: string[] = []

/** A context whose queries answer one sample with the query's text as a label. */
function context(changes: Partial<RuleTemplateContext> = {}): RuleTemplateContext {
  asked.length = 0
  const query = async (expr: string): Promise<readonly TemplateSample[]> => {
    asked.push(expr)
    return [{ labels: Labels.from({ q: expr }), value: expr.length }]
  }
  return {
    name: 'HighLatency',
    labels: { instance: 'a:9100', job: 'node' },
    value: 0.5,
    externalLabels: { region: 'eu' },
    externalUrl: 'https://tidewatch.example/base',
    atMs: 0,
    query,
    ...changes,
  }
}

test('a text without actions is left alone', async () => {
  expect(await expandRuleTemplate('100 % of {instances}', context())).toBe('100 % of {instances}')
})

test('labels, value and external labels are there by variable and by field', async () => {
  const text =
    '{{ $labels.job }} {{ .Labels.instance }} {{ $value | humanizePercentage }} {{ $externalLabels.region }} {{ pathPrefix }}'
  expect(await expandRuleTemplate(text, context())).toBe('node a:9100 50% eu /base')
})

test('queries run one after the other, each once, also where one depends on another', async () => {
  const text =
    '{{ with query "up" }}{{ query (. | first | label "q" | printf "%s == 0") | first | value }}{{ end }} {{ query "up" | len }}'
  expect(await expandRuleTemplate(text, context())).toBe('7 1')
  expect(asked).toEqual(['up', 'up == 0'])
})

test('a wrong query is told as an error of the template', async () => {
  const query = async (): Promise<never> => {
    throw new AppError('query.parse', '1:1: parse error: unexpected character')
  }
  await expect(expandRuleTemplate('{{ query "?" }}', context({ query }))).rejects.toMatchObject({
    code: 'template.execute',
    message:
      'error executing template __alert_HighLatency: template: __alert_HighLatency:1:115: executing "__alert_HighLatency" at ' +
      '<query "?">: error calling query: 1:1: parse error: unexpected character',
  })
})

test('a query that cannot be asked now rejects as it is', async () => {
  const query = async (): Promise<never> => {
    throw new AppError('query.timeout', 'too slow')
  }
  await expect(expandRuleTemplate('{{ query "up" }}', context({ query }))).rejects.toMatchObject({
    code: 'query.timeout',
  })
})

test('a template cannot ask without end', async () => {
  const text = '{{ range 1000 }}{{ query (printf "%d" .) }}{{ end }}'
  await expect(expandRuleTemplate(text, context())).rejects.toMatchObject({ code: 'template.limit' })
  expect(asked).toHaveLength(50)
})

test('a check tells what is wrong with a text and runs nothing', () => {
  expect(checkRuleTemplate('{{ query "up" | first | value }}')).toBeUndefined()
  expect(checkRuleTemplate('{{ $labels.x ', 'A')).toBe(
    'error parsing template __alert_A: template: __alert_A:1: unclosed action',
  )
  expect(checkRuleTemplate('{{ nope }}', 'A')).toBe(
    'error parsing template __alert_A: template: __alert_A:1: function "nope" not defined',
  )
})
