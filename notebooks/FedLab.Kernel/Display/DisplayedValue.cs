using FedLab.Notebook.Display;

namespace FedLab.Kernel.Display;

/// <summary>Something that was shown, in whose place something else can be put: progress that does not fill the page.</summary>
public sealed class DisplayedValue
{
    private readonly INotebookHost _host;

    internal DisplayedValue(INotebookHost host, string displayId) => (_host, DisplayId) = (host, displayId);

    /// <summary>The name that it was shown under.</summary>
    public string DisplayId { get; }

    /// <summary>Puts another value in its place.</summary>
    /// <param name="value">The value.</param>
    /// <remarks>In the name of the cell that runs: what a later cell updates belongs to its output, also for programs that run notebooks.</remarks>
    public void Update(object? value) => (NotebookHost.Current ?? _host).Update(ValueFormatter.Format(value), DisplayId);
}

/// <summary>A notebook that can remove what a cell has shown.</summary>
internal interface IOutputClearing
{
    /// <summary>Removes it.</summary>
    /// <param name="wait">Whether not before the next output.</param>
    void Clear(bool wait);
}
