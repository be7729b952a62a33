import { useMutation, useQueryClient } from '@tanstack/react-query'

/** A change that makes the lists named by `stale` be read again, whether it went well or not: the server knows how it is now. */
export function useChange<Input, Output>(change: (input: Input) => Promise<Output>, stale: readonly string[]) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: change,
    onSettled: () => Promise.all([...stale, 'audit'].map((key) => client.invalidateQueries({ queryKey: [key] }))),
  })
}
