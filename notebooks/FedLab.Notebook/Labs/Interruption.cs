using FedLab.Notebook.Display;

namespace FedLab.Notebook.Labs;

/// <summary>What ends an awaited call where the caller names nothing: the interrupt of the cell.</summary>
internal static class Interruption
{
    /// <summary>The token that was given, or the cell's.</summary>
    /// <param name="given">What the caller gave; the default for nothing.</param>
    public static CancellationToken Or(CancellationToken given) => given.CanBeCanceled ? given : NotebookHost.Interrupted;
}
