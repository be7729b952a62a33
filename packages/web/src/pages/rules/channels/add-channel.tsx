import { useQuery } from '@tanstack/react-query'
import { X } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { toLoadable } from '../../../data/loadable.ts'
import { type ChannelKind, channelKindsQuery } from '../../../data/notify.ts'
import { searchText } from '../../../data/search.ts'
import { usePageSearch, useSetSearch } from '../../../data/use-range.ts'
import { CodeBlock } from '../../../ui/code-block.tsx'
import { SelectField, TextField } from '../../../ui/field.tsx'
import { Loaded } from '../../../ui/loaded.tsx'
import { type ChannelField, channelForm } from './channel-fields.ts'
import { channelYaml, formProblem, variableName } from './channel-yaml.ts'

/** Kinds of channels to choose from; of the chosen one a form, and what to paste for it. */
export function AddChannel({ onClose }: { readonly onClose: (() => void) | undefined }) {
  const kinds = toLoadable(useQuery(channelKindsQuery))
  const chosen = searchText(usePageSearch(), 'kind')
  const setSearch = useSetSearch()
  return (
    <section className="section" aria-label="Add a channel">
      <div className="section-head">
        <h2>Add a channel</h2>
        {onClose !== undefined && (
          <button type="button" className="button bare square end" aria-label="Close" onClick={onClose}>
            <X className="icon" aria-hidden />
          </button>
        )}
      </div>
      <Loaded of={kinds} what="kinds of channels" height={240}>
        {(list) => {
          const kind = list.find((one) => one.kind === chosen) ?? list.find((one) => one.kind === 'slack') ?? list[0]
          return kind === undefined ? null : (
            <div className="add-channel">
              <SelectField
                label="Kind"
                value={kind.kind}
                options={list
                  .toSorted((a, b) => a.title.localeCompare(b.title, 'en'))
                  .map((one) => ({ value: one.kind, title: one.title }))}
                onValue={(value) => setSearch({ kind: value }, { replace: true })}
              />
              <KindForm key={kind.kind} kind={kind} />
            </div>
          )
        }}
      </Loaded>
    </section>
  )
}

function KindForm({ kind }: { readonly kind: ChannelKind }) {
  const { fields, byHand } = channelForm(kind)
  const [name, setName] = useState('ops')
  const [values, setValues] = useState<Readonly<Record<string, string>>>({})
  const change = (field: string, value: string) => setValues((before) => ({ ...before, [field]: value }))
  const entry = { name: name.trim(), kind: kind.kind, fields, values }
  const problem = formProblem(entry)
  const part = (rare: boolean) =>
    fields
      .filter((field) => field.rare === rare)
      .map((field) => (
        <OneField
          key={field.name}
          field={field}
          channel={name}
          value={values[field.name] ?? ''}
          onValue={(value) => change(field.name, value)}
        />
      ))
  const rare = part(true)
  return (
    <div className="channel-form">
      <form
        className="channel-fields"
        aria-label={`Options of ${kind.title}`}
        onSubmit={(event) => event.preventDefault()}
      >
        <TextField
          label="Name"
          required
          maxLength={100}
          value={name}
          onValue={setName}
          note={<Note>Rules and routes call it by this</Note>}
        />
        {part(false)}
        {rare.length > 0 && (
          <details>
            <summary className="link">More options ({rare.length})</summary>
            <div className="channel-fields">{rare}</div>
          </details>
        )}
      </form>
      <div className="channel-paste">
        <p className={problem === undefined ? 'second' : 'warn label'} role="status">
          {problem ?? 'Paste this into tidewatch.yml; a running server reads it on SIGHUP or POST /-/reload.'}
        </p>
        <CodeBlock
          key={JSON.stringify(entry)}
          name={`${kind.title} in tidewatch.yml`}
          snippets={[{ title: 'tidewatch.yml', text: channelYaml(entry) }, ...environmentSnippet(kind)]}
        />
        <p className="small third">
          {kind.repeats === 'once'
            ? 'A message that is repeated after a stop in between reaches people once.'
            : 'The receiver cannot tell a repeat: after a stop in between a message may come twice, and the log says so.'}
          {byHand.length > 0 && ` Written by hand: ${byHand.join(', ')}.`}
        </p>
      </div>
    </div>
  )
}

/** Where a kind can be set up without a file: its variables, as a shell takes them. */
function environmentSnippet({ environment }: ChannelKind): { title: string; text: string }[] {
  const lines = Object.entries(environment).map(([name, meaning]) => `# ${meaning}\n${name}=`)
  return lines.length === 0 ? [] : [{ title: 'Environment alone', text: `${lines.join('\n')}\n` }]
}

const Note = ({ children }: { readonly children: ReactNode }) => <span className="small third">{children}</span>

interface OneFieldProps {
  readonly field: ChannelField
  readonly channel: string
  readonly value: string
  readonly onValue: (value: string) => void
}

function OneField({ field, channel, value, onValue }: OneFieldProps) {
  const { title, help, kind, required, choices, standard } = field
  const label = required ? `${title} (needed)` : title
  if (kind === 'choice' || kind === 'truth') {
    const all = kind === 'truth' ? ['true', 'false'] : choices.filter((one) => one !== '')
    const words = (one: string): string => (kind === 'truth' ? (one === 'true' ? 'yes' : 'no') : one)
    const first = standard === '' ? 'as it is by itself' : `${words(standard)}, as it is by itself`
    return (
      <SelectField
        label={label}
        value={value}
        options={[
          { value: '', title: first },
          ...all.filter((one) => one !== standard).map((one) => ({ value: one, title: words(one) })),
        ]}
        onValue={onValue}
      />
    )
  }
  const notes = [
    help,
    kind === 'list' ? 'with commas between them' : '',
    kind === 'secret' ? 'the environment variable that holds it' : '',
  ]
  return (
    <TextField
      label={label}
      required={required}
      maxLength={2000}
      spellCheck={false}
      autoComplete="off"
      inputMode={kind === 'number' ? 'numeric' : 'text'}
      placeholder={kind === 'secret' ? variableName(channel, field.name) : standard}
      value={value}
      onValue={onValue}
      note={<Note>{notes.filter((one) => one !== '').join('; ')}</Note>}
    />
  )
}
