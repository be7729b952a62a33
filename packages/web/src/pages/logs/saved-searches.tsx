import { useQuery } from '@tanstack/react-query'
import type { SavedLogSearch } from '@tidewatch/api/logs.ts'
import { Bookmark } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { problemOf } from '../../data/client.ts'
import { toLoadable } from '../../data/loadable.ts'
import { savedLogSearchesQuery, useDeleteLogSearch, useSaveLogSearch } from '../../data/logs.ts'
import { searchFromRange } from '../../data/range.ts'
import { useMay } from '../../data/session.ts'
import { usePageRange } from '../../data/use-range.ts'
import { Age } from '../../ui/age.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { ProblemBox } from '../../ui/problem-box.tsx'
import { SureButton } from '../../ui/sure-button.tsx'
import { useToast } from '../../ui/toasts.tsx'
import type { LogsState } from './model.ts'

interface SavedSearchesProps {
  readonly state: LogsState
  /** With what stands in the address for it. */
  readonly onChoose: (search: Readonly<Record<string, string | undefined>>) => void
}

/** Searches that were given a name, for all of the project. */
export function SavedSearches({ state, onChoose }: SavedSearchesProps) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <button type="button" className="button" onClick={() => setOpen(true)}>
        <Bookmark className="icon" aria-hidden />
        <span>
          Saved<span className="wide-only"> searches</span>
        </span>
      </button>
      <Dialog open={open} onOpenChange={setOpen} title="Saved searches" wide>
        <SaveForm state={state} onSaved={() => setOpen(false)} />
        <List
          onChoose={(search) => {
            setOpen(false)
            onChoose(search)
          }}
        />
      </Dialog>
    </>
  )
}

function SaveForm({ state, onSaved }: { readonly state: LogsState; readonly onSaved: () => void }) {
  const [name, setName] = useState('')
  const [withSpan, setWithSpan] = useState(true)
  const toast = useToast()
  const may = useMay('editor')
  const { range } = usePageRange()
  const { data: known = [] } = useQuery(savedLogSearchesQuery)
  const save = useSaveLogSearch(() => {
    toast({ text: `“${name.trim()}” is saved, for all of the project.` })
    onSaved()
  })
  const same = known.find((one) => one.name === name.trim())
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const { query, language, columns } = state
    const span = withSpan && range.kind === 'last' ? { span: searchFromRange(range).range ?? '15m' } : {}
    save.mutate({ id: same?.id, search: { name: name.trim(), query, language, columns, ...span } })
  }
  if (!may) return <p className="second small">Editors may save searches: ask an administrator.</p>
  return (
    <form className="log-save" onSubmit={submit}>
      <TextField label="Save what is searched now as" value={name} maxLength={200} onValue={setName} />
      {range.kind === 'last' && (
        <label className="row small">
          <input type="checkbox" checked={withSpan} onChange={({ target }) => setWithSpan(target.checked)} /> with its
          time range
        </label>
      )}
      <button type="submit" className="button primary" disabled={name.trim() === '' || save.isPending}>
        {same === undefined ? 'Save' : 'Replace'}
      </button>
      {save.error !== null && <ProblemBox problem={problemOf(save.error)} />}
    </form>
  )
}

function List({ onChoose }: Pick<SavedSearchesProps, 'onChoose'>) {
  const result = useQuery(savedLogSearchesQuery)
  const remove = useDeleteLogSearch()
  const may = useMay('editor')
  return (
    <Loaded
      of={toLoadable(result)}
      what="saved searches"
      isEmpty={(all) => all.length === 0}
      empty={<p className="second small">None yet: what is saved here, all of the project have.</p>}
    >
      {(all) => (
        <ul className="log-saved">
          {all.map((one) => (
            <li key={one.id} className="row">
              <button type="button" className="log-saved-name" onClick={() => onChoose(searchOf(one))}>
                <span className="link break">{one.name}</span>
                <span className="mono small second cut">{one.query === '' ? 'all lines' : one.query}</span>
                <span className="tiny third">
                  {one.by}, <Age atMs={one.changedMs} />
                </span>
              </button>
              {may && <SureButton word="Delete" what={one.name} onSure={() => remove.mutate(one.id)} />}
            </li>
          ))}
        </ul>
      )}
    </Loaded>
  )
}

const searchOf = ({ query, language, span, columns }: SavedLogSearch) => ({
  q: query === '' ? undefined : query,
  lang: language === 'kql' ? undefined : language,
  cols: columns.length === 0 ? undefined : columns.join(','),
  ...(span === undefined ? {} : { range: span, from: undefined, to: undefined }),
})
