// Random well-typed expressions that versions 2.42 and 3 of Prometheus answer alike. What they answer otherwise on purpose is not made:
// windows whose left border meets a sample or a subquery's step (data and steps lie elsewhere), names of labels beyond ASCII,
// `rate` and `increase` over what is not a counter far from zero, groups and matches by `__name__` (which we drop late).
import { type Random, randomOf } from './random.ts'

export interface Case {
  readonly query: string
  readonly startMs: number
  /** The same as the start: an instant query. */
  readonly endMs: number
  readonly stepMs: number
}

const gauges = ['temp', 'level', 'small', 'odd', 'sparse', 'constant', 'meta'] as const
const counters = ['req_total', 'tiny_total', 'lat_bucket', 'lat_count', 'lat_sum'] as const
const labels = ['i', 'job', 'zone', 'version', 'le', 'nothing'] as const

const matchers = [
  ...['i="1"', 'i!="2"', 'i=~"[0-2]"', 'i!~"1|3"', 'job="a"', 'job!="a"', 'job=~".+"', 'zone=""', 'zone!=""'],
  ...['zone=~"x|"', 'zone!~"y"', 'nothing=""', 'nothing="x"', 'i=~"1|2|3"', 'job=~"a|c"', 'version=~"v[12]"'],
] as const
const scalars = [
  ...['0', '1', '-1', '2', '0.5', '3', '10', '0.9', '-0', '1e3', '0x1f', 'NaN', 'Inf', '-Inf', '1.5', '100'],
] as const
const ranges = ['1m', '2m', '5m', '7m30s', '15m', '30m', '1h', '45s', '10s'] as const
// a quarter of a second off the steps, whatever the time of evaluation
const subqueryRanges = ['2m250ms', '5m250ms', '10m250ms', '30m250ms', '3m250ms'] as const
const subquerySteps = ['15s', '30s', '1m', '2m', '7s', '', ''] as const
const offsets = ['1m', '5m', '30s', '20m', '-1m', '-5m', '1h'] as const

const plainRange = [
  ...['avg_over_time', 'min_over_time', 'max_over_time', 'sum_over_time', 'count_over_time', 'stddev_over_time'],
  ...['stdvar_over_time', 'last_over_time', 'present_over_time', 'absent_over_time', 'changes', 'resets', 'delta'],
  ...['idelta', 'irate', 'deriv'],
] as const
const math = [
  ...['abs', 'ceil', 'floor', 'exp', 'ln', 'log2', 'log10', 'sqrt', 'sgn', 'sin', 'cos', 'tan', 'asin', 'acos'],
  ...['atan', 'sinh', 'cosh', 'tanh', 'asinh', 'acosh', 'atanh', 'deg', 'rad'],
  ...['timestamp', 'round', 'absent', 'sort', 'sort_desc'],
] as const
const dates = [
  ...['day_of_month', 'day_of_week', 'day_of_year', 'days_in_month', 'hour', 'minute', 'month', 'year'],
] as const
const plainAggregations = ['sum', 'avg', 'min', 'max', 'count', 'group'] as const
const aggregations = ['sum', 'avg', 'min', 'max', 'count', 'group', 'stddev', 'stdvar'] as const
const arithmetic = ['+', '-', '*', '/', '%', '^'] as const
const comparisons = ['==', '!=', '>', '<', '>=', '<='] as const
const setOperators = ['and', 'or', 'unless'] as const

/** One case by its number, over data that begins there and lasts so long. */
export function caseOf(seed: number, dataMs: { readonly startMs: number; readonly spanMs: number }): Case {
  const random = randomOf(seed)
  const maker = new Maker(random, dataMs.startMs)
  // half a second past a second: never where a sample or a step of a subquery lies
  const startMs = dataMs.startMs + random.below(dataMs.spanMs / 1000) * 1000 - 300_000 + 500
  if (random.chance(0.4)) {
    const query = random.chance(0.1) ? maker.matrix(1) : random.chance(0.1) ? maker.scalar(3) : maker.vector(3)
    return { query, startMs, endMs: startMs, stepMs: 0 }
  }
  const stepMs = random.pick([7000, 15_000, 30_000, 60_000, 61_000, 300_000])
  const query = random.chance(0.1) ? maker.scalar(3) : maker.vector(3)
  return { query, startMs, endMs: startMs + (1 + random.below(40)) * stepMs, stepMs }
}

class Maker {
  readonly #random: Random
  readonly #startMs: number

  constructor(random: Random, startMs: number) {
    this.#random = random
    this.#startMs = startMs
  }

  vector(depth: number): string {
    const random = this.#random
    if (depth === 0 || random.chance(0.08)) return this.#selector(random.pick([...gauges, ...counters]))
    const kinds = [
      ...[this.#overTime, this.#overTime, this.#counterRate, this.#counterRate, this.#math, this.#math],
      ...[this.#aggregation, this.#aggregation, this.#aggregation, this.#vectorScalar, this.#vectorScalar],
      ...[this.#vectorVector, this.#vectorVector, this.#vectorVector, this.#setOperation, this.#setOperation],
      ...[this.#labels, this.#clamp, this.#quantile, this.#signed, this.#manyNames, this.#ofScalar, this.#grouped],
      ...[this.#parameterized, this.#atan2],
    ]
    return random.pick(kinds).call(this, depth)
  }

  scalar(depth: number): string {
    const random = this.#random
    if (depth === 0 || random.chance(0.4)) return random.pick(scalars)
    switch (random.below(6)) {
      case 0:
        return 'time()'
      case 1:
        return `scalar(${this.vector(depth - 1)})`
      case 2:
        return random.pick(['pi()', '-(2)', '-2 ^ 2', '+1'])
      case 3:
        return `(${this.scalar(depth - 1)} ${random.pick(comparisons)} bool ${this.scalar(depth - 1)})`
      default:
        return `(${this.scalar(depth - 1)} ${random.pick(arithmetic)} ${this.scalar(depth - 1)})`
    }
  }

  matrix(depth: number, modifiers = this.#modifiers()): string {
    const random = this.#random
    if (depth <= 0 || random.chance(0.6)) {
      return `${this.#plainSelector(random.pick([...gauges, ...counters]))}[${random.pick(ranges)}]${modifiers}`
    }
    return `(${this.vector(depth - 1)})[${random.pick(subqueryRanges)}:${random.pick(subquerySteps)}]${modifiers}`
  }

  #plainSelector(name: string): string {
    const random = this.#random
    if (random.chance(0.5)) return name
    const chosen = random.chance(0.2) ? [random.pick(matchers), random.pick(matchers)] : [random.pick(matchers)]
    return `${name}{${chosen.join(', ')}}`
  }

  #selector(name: string): string {
    return this.#plainSelector(name) + this.#modifiers()
  }

  #offset(): string {
    const random = this.#random
    return random.chance(0.12) ? ` offset ${random.pick(offsets)}` : ''
  }

  #modifiers(): string {
    const random = this.#random
    const offset = this.#offset()
    if (!random.chance(0.12)) return offset
    const at = random.pick([
      ...[' @ start()', ' @ end()', ` @ ${this.#startMs / 1000 + random.below(7200) + 0.5}`],
      ` @ ${this.#startMs / 1000 + random.below(7200)}`,
    ])
    return random.chance(0.5) ? at + offset : offset + at
  }

  #overTime(depth: number): string {
    const random = this.#random
    const matrix = this.matrix(depth - 1)
    // version 2 moves the window of `@` where another argument changes over the steps
    const moving = this.matrix(depth - 1, this.#offset())
    switch (random.below(8)) {
      case 0:
        return `quantile_over_time(${this.#number()}, ${moving})`
      case 1:
        return `predict_linear(${moving}, ${this.#number()})`
      case 2:
        return `double_exponential_smoothing(${matrix}, ${random.pick(['0.5', '0.1', '0.9'])}, ${random.pick(['0.5', '0.2'])})`
      default:
        return `${random.pick(plainRange)}(${matrix})`
    }
  }

  #counterRate(): string {
    const random = this.#random
    const range = random.pick(ranges)
    return `${random.pick(['rate', 'increase'])}(${this.#plainSelector(random.pick(counters))}[${range}]${this.#modifiers()})`
  }

  #math(depth: number): string {
    const random = this.#random
    // what the calendar says of what is no date depends on the processor
    if (random.chance(0.25)) return `${random.pick(dates)}((${this.vector(depth - 1)}) > -1e10 < 1e10)`
    return `${random.pick(math)}(${this.vector(depth - 1)})`
  }

  /** With `atan2`, which keeps the name in version 2: a product never does, and 1 changes no value. */
  #atan2(depth: number): string {
    const random = this.#random
    const other = random.chance(0.5) ? this.scalar(2) : this.vector(depth - 1)
    return `((${this.vector(depth - 1)}) atan2 (${other})) * 1`
  }

  #grouping(): string {
    const random = this.#random
    if (random.chance(0.25)) return ''
    const list = Array.from({ length: random.below(3) }, () => random.pick(labels))
    return ` ${random.pick(['by', 'without'])} (${list.join(', ')}) `
  }

  #aggregation(depth: number): string {
    const op = this.#random.pick(aggregations)
    const inner = this.vector(depth - 1)
    // of one value that is not finite version 2 says that it does not deviate, version 3 that nobody knows
    return `${op}${this.#grouping()}(${op.startsWith('std') ? `(${inner}) > -Inf < Inf` : inner})`
  }

  /** A number, and sometimes one that changes over time. */
  #number(): string {
    const random = this.#random
    return random.chance(0.85) ? random.pick(scalars) : this.scalar(2)
  }

  #parameterized(depth: number): string {
    const random = this.#random
    const grouping = this.#grouping()
    const inner = this.vector(depth - 1)
    switch (random.below(4)) {
      case 0:
        return `quantile${grouping}(${this.#number()}, ${inner})`
      case 1:
        return `count_values${grouping}("${random.pick(['value', 'i', 'zone'])}", ${inner})`
      default:
        return `${random.pick(['topk', 'bottomk'])}${grouping}(${random.pick(['0', '1', '2', '3', '100', '-1', '2.9'])}, ${inner})`
    }
  }

  #vectorScalar(depth: number): string {
    const random = this.#random
    const op = random.chance(0.5)
      ? random.pick(arithmetic)
      : `${random.pick(comparisons)}${random.chance(0.3) ? ' bool' : ''}`
    const vector = `(${this.vector(depth - 1)})`
    const scalar = `(${this.scalar(2)})`
    return random.chance(0.6) ? `${vector} ${op} ${scalar}` : `${scalar} ${op} ${vector}`
  }

  #vectorVector(depth: number): string {
    const random = this.#random
    const op = random.chance(0.6)
      ? random.pick(arithmetic)
      : `${random.pick(comparisons)}${random.chance(0.3) ? ' bool' : ''}`
    const left = `(${this.vector(depth - 1)})`
    const right = `(${this.vector(depth - 1)})`
    if (random.chance(0.4)) return `${left} ${op} ${right}`
    const list = random.pick(['i', 'i, job', 'job', 'zone', '', 'i, le', 'i, zone, job', 'le', 'version'])
    const matching = `${random.pick(['on', 'ignoring'])} (${list})`
    if (random.chance(0.4)) return `${left} ${op} ${matching} ${right}`
    const include = random.pick([' ()', ' ()', ' (version)', ' (zone)', ' (nothing)'])
    // a label of both is refused, and a query that is wrong in itself says nothing of the evaluation
    if (/zone|version/.test(list) && include !== ' ()') return `${left} ${op} ${matching} ${right}`
    return `${left} ${op} ${matching} ${random.pick(['group_left', 'group_right'])}${include} ${right}`
  }

  /** Joins that mostly find one partner, unlike random ones. */
  #grouped(depth: number): string {
    const random = this.#random
    const op = random.pick([...arithmetic, ...comparisons])
    const many = this.#selector(random.pick(['temp', 'level', 'lat_bucket', 'req_total', 'odd']))
    const one = random.chance(0.5)
      ? this.#selector('meta')
      : `${random.pick(plainAggregations)} by (i, job) (${this.vector(depth - 1)})`
    const include = random.pick(['', '(version)', '(zone)', '(version, zone)'])
    const matching = random.pick(['on (i)', 'on (i)', 'on (job, i)', 'ignoring (version, zone, le)'])
    return random.chance(0.7)
      ? `${many} ${op} ${matching} group_left ${include} ${one}`
      : `${one} ${op} ${matching} group_right ${include} ${many}`
  }

  #setOperation(depth: number): string {
    const random = this.#random
    const matching = random.chance(0.5)
      ? ''
      : `${random.pick(['on', 'ignoring'])} (${random.pick(['i', 'job', '', 'zone', 'i, job'])})`
    return `(${this.vector(depth - 1)}) ${random.pick(setOperators)} ${matching} (${this.vector(depth - 1)})`
  }

  #labels(depth: number): string {
    const random = this.#random
    const inner = this.vector(depth - 1)
    const target = random.pick(['i', 'job', 'zone', 'new', 'le'])
    if (random.chance(0.4)) {
      const sources = Array.from({ length: random.below(4) }, () => `, "${random.pick(labels)}"`)
      return `label_join(${inner}, "${target}", "${random.pick(['-', '', ', '])}"${sources.join('')})`
    }
    const replacement = random.pick(['$1', 'x', '', '$1-$2', '${1}y', '$name', '$$', '$0'])
    const regex = random.pick(['(.*)', '', '(a|b)', '.+', '(?P<name>.).*', '([0-9])(.*)', 'nope'])
    return `label_replace(${inner}, "${target}", "${replacement}", "${random.pick(labels)}", "${regex}")`
  }

  #clamp(depth: number): string {
    const inner = this.vector(depth - 1)
    switch (this.#random.below(4)) {
      case 0:
        return `clamp(${inner}, ${this.#number()}, ${this.#number()})`
      case 1:
        return `clamp_min(${inner}, ${this.#number()})`
      case 2:
        return `clamp_max(${inner}, ${this.#number()})`
      default:
        return `round(${inner}, ${this.#number()})`
    }
  }

  #quantile(depth: number): string {
    const random = this.#random
    const inner = random.pick([
      ...['lat_bucket', 'rate(lat_bucket[5m])', 'sum by (le) (lat_bucket)', 'increase(lat_bucket[10m] offset 5m)'],
      ...['lat_bucket{le!="+Inf"}', 'lat_bucket{le!="1"}', 'sum by (le, job) (rate(lat_bucket[2m]))'],
    ])
    return `histogram_quantile(${this.#number()}, ${random.chance(0.9) ? inner : this.vector(depth - 1)})`
  }

  #signed(depth: number): string {
    return `-(${this.vector(depth - 1)})`
  }

  /** Several metrics at once, only where their names are soon gone or stay. */
  #manyNames(depth: number): string {
    const random = this.#random
    const selector = random.pick(['{__name__=~"temp|small"}', '{__name__=~"lat_.+", i="0"}', '{job="a"}', '{i=~".+"}'])
    if (depth === 3 && random.chance(0.3)) return selector + this.#modifiers()
    return `${random.pick(plainAggregations)}${random.pick([' by (i) ', ' by (job, zone) ', ''])}(${selector}${this.#modifiers()})`
  }

  #ofScalar(depth: number): string {
    return this.#random.chance(0.8)
      ? `vector(${this.scalar(depth - 1)})`
      : `${this.#random.pick(['hour', 'year', 'minute'])}()`
  }
}
