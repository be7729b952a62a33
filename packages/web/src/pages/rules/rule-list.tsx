import { useQuery } from '@tanstack/react-query'
import type { RuleGroup } from '@tidewatch/api/prometheus.ts'
import type { CheckedRule } from '@tidewatch/api/rules.ts'
import { History, PencilLine } from 'lucide-react'
import { useMemo } from 'react'
import { toLoadable } from '../../data/loadable.ts'
import { keepDraft, writtenRulesQuery } from '../../data/rule-editing.ts'
import { rulesQuery } from '../../data/rules.ts'
import { searchText } from '../../data/search.ts'
import { ruleSnippets } from '../../data/snippets.ts'
import { usePageSearch, useSetSearch } from '../../data/use-range.ts'
import { CodeBlock } from '../../ui/code-block.tsx'
import { Loaded, useTicking } from '../../ui/loaded.tsx'
import { formatAge, formatSeconds } from '../../ui/units.ts'
import { textOfRule } from './editor/rule-text.ts'
import { filterGroups, shortFile } from './filter.ts'
import { groupTrouble, type Rule } from './rule-state.ts'
import { RuleTable } from './rule-table.tsx'

/** Groups of rules: what each is for, how it is, when it ran, what it asks. */
export function RuleList() {
  const search = usePageSearch()
  const setSearch = useSetSearch()
  const rules = toLoadable(useQuery({ ...rulesQuery, refetchInterval: 10_000 }))
  const text = searchText(search, 'find') ?? ''
  const onlyBad = searchText(search, 'only') === 'failing'
  return (
    <Loaded of={rules} what="rules" height={300} isEmpty={(groups) => groups.length === 0} empty={<NoRules />}>
      {(groups) => (
        <>
          <div className="row rule-filter">
            <input
              className="input"
              type="search"
              placeholder="Find by name, query or label"
              aria-label="Find a rule"
              value={text}
              onChange={(event) =>
                setSearch({ find: event.target.value === '' ? undefined : event.target.value }, { replace: true })
              }
            />
            <label className="row small nowrap">
              <input
                type="checkbox"
                checked={onlyBad}
                onChange={(event) =>
                  setSearch({ only: event.target.checked ? 'failing' : undefined }, { replace: true })
                }
              />
              Only failing
            </label>
            <button type="button" className="button end" onClick={() => setSearch({ tab: 'past', rule: undefined })}>
              <History className="icon" aria-hidden /> Try all on the past
            </button>
          </div>
          <Groups groups={filterGroups(groups, { text, onlyBad })} />
        </>
      )}
    </Loaded>
  )
}

const keyOf = (group: string, { name, query }: Pick<Rule, 'name' | 'query'>): string => [group, name, query].join('\n')

function Groups({ groups }: { readonly groups: readonly RuleGroup[] }) {
  const nowMs = useTicking(1000)
  const { data } = useQuery({ ...writtenRulesQuery, staleTime: 30_000 })
  const written = useMemo(() => new Map(data?.rules.map((rule) => [keyOf(rule.group, rule), rule])), [data])
  if (groups.length === 0) return <p className="second">No rule matches the filter.</p>
  return groups.map((group) => {
    const ranAtMs = Date.parse(group.lastEvaluation ?? '')
    return (
      <section key={`${group.file} ${group.name}`} className="section" aria-label={`Group ${group.name}`}>
        <div className="section-head">
          <h2 className="break">{group.name}</h2>
          <span className="third small break" title={group.file}>
            {shortFile(group.file)}
          </span>
          <span className="third small end">
            every {formatSeconds(group.interval)}
            {ranAtMs > 0 && `, ran ${formatAge(nowMs - ranAtMs)} ago`}
            {group.evaluationTime !== undefined && ` in ${formatSeconds(group.evaluationTime)}`}
          </span>
        </div>
        <Trouble group={group} />
        <RuleTable
          rules={group.rules}
          name={group.name}
          actions={(rule) => <RuleActions rule={rule} written={written.get(keyOf(group.name, rule))} />}
        />
      </section>
    )
  })
}

/** Into the editor as it is written, or over the past as it is. */
function RuleActions({ rule, written }: { readonly rule: Rule; readonly written: CheckedRule | undefined }) {
  const setSearch = useSetSearch()
  return (
    <span className="row rule-actions">
      <button
        type="button"
        className="button bare little"
        aria-label={`Open ${rule.name} in the editor`}
        title="Open in the editor"
        disabled={written === undefined}
        onClick={() => {
          if (written === undefined) return
          keepDraft(textOfRule(written))
          setSearch({ tab: 'try', run: undefined })
        }}
      >
        <PencilLine className="icon" aria-hidden />
      </button>
      {rule.type === 'alerting' && (
        <button
          type="button"
          className="button bare little"
          aria-label={`Try ${rule.name} on the past`}
          title="Try on the past"
          onClick={() => setSearch({ tab: 'past', rule: rule.name, run: undefined })}
        >
          <History className="icon" aria-hidden />
        </button>
      )}
    </span>
  )
}

/** Why the group's alerts may come late, where they may. */
function Trouble({ group }: { readonly group: RuleGroup }) {
  const text = groupTrouble(group)
  return text === undefined ? null : <p className="warn small">{text}</p>
}

function NoRules() {
  const setSearch = useSetSearch()
  return (
    <div className="no-rules">
      <p className="lead">No rule is loaded.</p>
      <p className="second rules-teach">
        Prometheus's rule files work as they are. Name them in the configuration and start with it:{' '}
        <code>npm start -- --config prometheus.yml</code>. Or begin with a{' '}
        <button type="button" className="link" onClick={() => setSearch({ tab: 'packs' })}>
          ready pack
        </button>
        , or{' '}
        <button type="button" className="link" onClick={() => setSearch({ tab: 'try' })}>
          write one here
        </button>
        .
      </p>
      <CodeBlock name="Rule files" snippets={ruleSnippets} />
    </div>
  )
}
