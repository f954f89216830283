namespace FedLab.Notebook.Display;

/// <summary>
/// The notebook that the running code belongs to. It travels with the flow of a cell (<see cref="AsyncLocal{T}"/>), so that two
/// kernels in one process, or a library used without a notebook, do not meet.
/// </summary>
public static class NotebookHost
{
    private static readonly AsyncLocal<(INotebookHost Host, CancellationToken Interrupted)?> Flow = new();

    /// <summary>The notebook; null outside of one.</summary>
    public static INotebookHost? Current => Flow.Value?.Host;

    /// <summary>Cancelled when the person at the notebook interrupts the cell; the default of every awaited call of the library.</summary>
    public static CancellationToken Interrupted => Flow.Value?.Interrupted ?? CancellationToken.None;

    /// <summary>Makes a notebook the one of the current flow; the kernel calls it before it runs a cell.</summary>
    /// <param name="host">The notebook.</param>
    /// <param name="interrupted">Cancelled when the cell is interrupted.</param>
    public static void Enter(INotebookHost host, CancellationToken interrupted) => Flow.Value = (host, interrupted);
}
