// Templates in labels and annotations of alerting rules.
//
// `query` asks the query service, which answers later, while templates run at once. So a template is executed until it asks for a result that is
// not there yet; that query is run, and the template is executed again from its beginning. Templates are pure, hence this gives what an
// asynchronous execution would give, one query after the other.
import { AppError } from '@tidewatch/core/error.ts'
import type { Labels } from '@tidewatch/core/labels.ts'
import { createResult, createSample, ruleFunctions } from './rule-functions.ts'
import { createTemplate, type Template } from './template.ts'
import { templateError } from './template-error.ts'
import { List, StringMap, Struct, type Value } from './value.ts'

/** One series of a query's result. */
export interface TemplateSample {
  readonly labels: Labels
  /** A number, or a histogram as text. */
  readonly value: number | string
}

/** What a rule's template is expanded with. */
export interface RuleTemplateContext {
  /** The rule's name, for messages. */
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number | string
  readonly externalLabels: Readonly<Record<string, string>>
  readonly externalUrl: string
  /** What `$data` has, for rules that bring more than one number; undefined: there is no `$data`. */
  readonly data?: Readonly<Record<string, string>> | undefined
  /** When the rule is evaluated; queries are the caller's to run at that moment. */
  readonly atMs: number
  readonly query: (expr: string) => Promise<readonly TemplateSample[]>
}

/** What Prometheus puts before each template; columns in messages count from there. */
const definitions =
  '{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}{{$externalURL := .ExternalURL}}{{$value := .Value}}'

/** Behind them where a rule brings data: in the place of none, so that columns stay those of Prometheus. */
const dataDefinition = '{{$data := .Data}}'

const dataType =
  'struct { Labels map[string]string; ExternalLabels map[string]string; ExternalURL string; Value interface {} }'

/** Different queries one template may run. */
const maxQueries = 50

/** Thrown out of an execution that cannot go on without this query's result. */
class MissingAnswer {
  readonly expr: string
  constructor(expr: string) {
    this.expr = expr
  }
}

/**
 * The text with everything in it expanded. Throws `template.parse` and `template.execute` with Prometheus's message, `template.limit` for what does
 * not end, and what `query` rejects with for other reasons than the query's own.
 */
export async function expandRuleTemplate(text: string, context: RuleTemplateContext): Promise<string> {
  if (!text.includes('{{')) return text
  const answers = new Map<string, List | AppError>()
  const { data: more } = context
  const template = compile(withData(text, more !== undefined), context, (expr) => answerOf(answers, expr))
  const data = ruleData(context)
  for (;;) {
    const outcome = run(template, data, context.name)
    if (typeof outcome === 'string') return outcome
    if (answers.size >= maxQueries) {
      throw templateError(
        'template.limit',
        `the template of ${context.name} runs more than ${maxQueries} queries`,
        undefined,
      )
    }
    answers.set(outcome.expr, await ask(outcome.expr, context))
  }
}

/** What is wrong with a template's text, or undefined. Nothing is executed. */
export function checkRuleTemplate(text: string, name = 'template', hasData = false): string | undefined {
  try {
    compile(withData(text, hasData), { name, externalUrl: '' }, () => undefined)
    return undefined
  } catch (error) {
    return AppError.from(error).message
  }
}

const withData = (text: string, hasData: boolean): string => (hasData ? dataDefinition + text : text)

type Place = Pick<RuleTemplateContext, 'name' | 'externalUrl'>

function compile(text: string, { name, externalUrl }: Place, query: (expr: string) => Value): Template {
  const templateName = `__alert_${name}`
  try {
    return createTemplate(definitions + text, {
      name: templateName,
      functions: ruleFunctions(externalUrl, query),
    })
  } catch (error) {
    throw prefixed(error, `error parsing template ${templateName}: `)
  }
}

function run(template: Template, data: Value, name: string): string | MissingAnswer {
  try {
    return template.execute(data)
  } catch (error) {
    if (error instanceof MissingAnswer) return error
    throw prefixed(error, `error executing template __alert_${name}: `)
  }
}

function prefixed(error: unknown, prefix: string): unknown {
  if (!(error instanceof AppError)) return error
  return new AppError(error.code, prefix + error.message, error.where === undefined ? {} : { where: error.where })
}

function ruleData({ labels, externalLabels, externalUrl, value, data }: RuleTemplateContext): Struct {
  return new Struct(dataType, {
    Labels: new StringMap(labels),
    ExternalLabels: new StringMap(externalLabels),
    ExternalURL: externalUrl,
    Value: value,
    ...(data === undefined ? {} : { Data: new StringMap(data) }),
  })
}

function answerOf(answers: ReadonlyMap<string, List | AppError>, expr: string): Value {
  const answer = answers.get(expr)
  if (answer === undefined) throw new MissingAnswer(expr)
  if (answer instanceof List) return answer
  throw new AppError('template.execute', answer.message, { cause: answer })
}

/** A query that is wrong in itself is the template's fault, told where it stands; anything else is the caller's. */
async function ask(expr: string, { query }: RuleTemplateContext): Promise<List | AppError> {
  try {
    const samples = await query(expr)
    return createResult(samples.map(({ labels, value }) => createSample(new StringMap(labels.toObject()), value)))
  } catch (error) {
    if (error instanceof AppError && error.kind === 'bad_input') return error
    throw error
  }
}
