import { Plus, X } from 'lucide-react'
import { type Matcher, matchOps } from '../../data/matchers.ts'

interface MatcherRowsProps {
  readonly matchers: readonly Matcher[]
  readonly onChange: (matchers: readonly Matcher[]) => void
}

const opWords = { '=': 'is', '!=': 'is not', '=~': 'matches', '!~': 'does not match' } as const

/** One row a condition: label, operator, value. All must hold. */
export function MatcherRows({ matchers, onChange }: MatcherRowsProps) {
  const change = (index: number, part: Partial<Matcher>) =>
    onChange(matchers.map((matcher, at) => (at === index ? { ...matcher, ...part } : matcher)))
  return (
    <fieldset className="matcher-rows" aria-label="Alerts whose labels match">
      {matchers.map((matcher, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place, names may repeat while they are typed
        <div key={index} className="matcher-row">
          <input
            className="input mono"
            aria-label={`Label ${index + 1}`}
            placeholder="team"
            autoCapitalize="none"
            spellCheck={false}
            maxLength={1000}
            value={matcher.name}
            onChange={(event) => change(index, { name: event.target.value })}
          />
          <select
            className="input"
            aria-label={`How label ${index + 1} is compared`}
            value={matcher.op}
            onChange={(event) => {
              const op = matchOps[event.target.selectedIndex]
              if (op !== undefined) change(index, { op })
            }}
          >
            {matchOps.map((op) => (
              <option key={op} value={op}>{`${op}  ${opWords[op]}`}</option>
            ))}
          </select>
          <input
            className="input mono"
            aria-label={`Value ${index + 1}`}
            placeholder={matcher.op.endsWith('~') ? 'db-.+' : 'db'}
            autoCapitalize="none"
            spellCheck={false}
            maxLength={8000}
            value={matcher.value}
            onChange={(event) => change(index, { value: event.target.value })}
          />
          <button
            type="button"
            className="button bare square"
            aria-label={`Remove ${matcher.name === '' ? `label ${index + 1}` : matcher.name}`}
            onClick={() => onChange(matchers.filter((_, at) => at !== index))}
          >
            <X className="icon" aria-hidden />
          </button>
        </div>
      ))}
      <div>
        <button
          type="button"
          className="button little"
          onClick={() => onChange([...matchers, { name: '', op: '=', value: '' }])}
        >
          <Plus className="icon" aria-hidden /> Label
        </button>
      </div>
    </fieldset>
  )
}
