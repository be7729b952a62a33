import { Check, X } from 'lucide-react'
import { Toast } from 'radix-ui'
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react'
import { Glyph } from './glyph.tsx'
import './toasts.css'

export interface ToastText {
  readonly text: string
  /** Errors stay until they are closed; results go after 10 s. */
  readonly tone?: 'result' | 'error'
  readonly undo?: () => void
}

type Show = (toast: ToastText) => void
const ToastContext = createContext<Show>(() => {})

/** Shows a result with its undo, bottom left. */
export const useToast = (): Show => useContext(ToastContext)

/** More would cover the page; the oldest goes. */
const maxToasts = 3

export function Toasts({ children }: { readonly children: ReactNode }) {
  const [shown, setShown] = useState<readonly (ToastText & { readonly id: number })[]>([])
  const show = useCallback<Show>(
    (toast) => setShown((before) => [...before, { ...toast, id: (before.at(-1)?.id ?? 0) + 1 }].slice(-maxToasts)),
    [],
  )
  const close = useCallback((id: number) => setShown((before) => before.filter((toast) => toast.id !== id)), [])
  const list = useMemo(
    () => shown.map((toast) => <OneToast key={toast.id} toast={toast} close={() => close(toast.id)} />),
    [shown, close],
  )
  return (
    <ToastContext value={show}>
      <Toast.Provider duration={10_000} swipeDirection="left">
        {children}
        {list}
        <Toast.Viewport className="toasts" />
      </Toast.Provider>
    </ToastContext>
  )
}

function OneToast({ toast, close }: { readonly toast: ToastText; readonly close: () => void }) {
  const isError = toast.tone === 'error'
  return (
    <Toast.Root
      className="toast"
      type={isError ? 'foreground' : 'background'}
      duration={isError ? Number.POSITIVE_INFINITY : 10_000}
      onOpenChange={(open) => !open && close()}
    >
      {isError ? <Glyph state="warning" name="failed" /> : <Check className="icon" aria-hidden />}
      <Toast.Description className="break">{toast.text}</Toast.Description>
      {toast.undo !== undefined && (
        <Toast.Action altText="Undo" className="toast-action" onClick={toast.undo}>
          Undo
        </Toast.Action>
      )}
      <Toast.Close className="toast-action" aria-label="Close">
        <X className="icon" aria-hidden />
      </Toast.Close>
    </Toast.Root>
  )
}
