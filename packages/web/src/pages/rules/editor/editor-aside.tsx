import { useQuery } from '@tanstack/react-query'
import { toLoadable } from '../../../data/loadable.ts'
import { ruleKindsQuery, writtenRulesQuery } from '../../../data/rule-editing.ts'
import { CodeBlock } from '../../../ui/code-block.tsx'
import { Loaded } from '../../../ui/loaded.tsx'
import { shortFile } from '../filter.ts'
import { starterText, textOfKind } from './rule-text.ts'

const maxFiles = 8

/** What to begin with, and where the text belongs once it is right. */
export function EditorAside({ onText }: { readonly onText: (text: string, what: string) => void }) {
  const kinds = toLoadable(useQuery(ruleKindsQuery))
  return (
    <aside className="aside" aria-label="Kinds of rules, and where to save them">
      <section className="section">
        <div className="section-head">
          <h2>Begin with</h2>
        </div>
        <Loaded of={kinds} what="kinds of rules" height={260}>
          {(data) => (
            <ul className="rule-kinds">
              {[prometheusKind, ...data.kinds].map((kind) => (
                <li key={kind.kind}>
                  <button
                    type="button"
                    className="link"
                    onClick={() =>
                      onText(kind === prometheusKind ? starterText : textOfKind(kind), `The example “${kind.title}”`)
                    }
                  >
                    {kind.title}
                  </button>
                  <p className="small third">{kind.summary}</p>
                </li>
              ))}
            </ul>
          )}
        </Loaded>
      </section>
      <SaveIt />
    </aside>
  )
}

const prometheusKind = {
  kind: 'prometheus',
  title: 'Prometheus alert',
  summary: 'Fires while a query of PromQL has an answer.',
  example: '',
}

/** Rules are files, so that they can be reviewed and rolled back; this tells which and how they are read again. */
function SaveIt() {
  const { data } = useQuery(writtenRulesQuery)
  const files = [...new Set((data?.rules ?? []).map(({ file }) => file))]
  return (
    <section className="section">
      <div className="section-head">
        <h2>Put it in force</h2>
      </div>
      <p className="small second">
        Rules are files. Copy the text into one that the configuration names, then reload. If anything is wrong, the
        rules of before stay in force.
      </p>
      {files.length > 0 && (
        <p className="small third break" title={files.join('\n')}>
          In force now: {files.slice(0, maxFiles).map(shortFile).join(', ')}
          {files.length > maxFiles && ` and ${files.length - maxFiles} more`}
        </p>
      )}
      <div className="rule-save">
        <CodeBlock name="How rules are read" snippets={saveSnippets(location.origin)} />
      </div>
    </section>
  )
}

const saveSnippets = (origin: string) => [
  {
    title: 'Files',
    text: '# tidewatch.yml\nrules:\n  - rules/*.yml\n\n# or prometheus.yml\nrule_files:\n  - rules/*.yml\n',
  },
  {
    title: 'Reload',
    text: `# with the token of an administrator\ncurl -X POST -H 'Authorization: Bearer YOUR_TOKEN' \\\n  ${origin}/-/reload\n`,
  },
  {
    title: 'In CI',
    text: 'npx tidewatch check rules rules/*.yml\nnpx tidewatch alerts backtest \\\n  --rules rules/new.yml --days 30\n',
  },
]
