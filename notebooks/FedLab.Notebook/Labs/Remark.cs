using FedLab.Notebook.Display;

namespace FedLab.Notebook.Labs;

/// <summary>A sentence in passing.</summary>
internal static class Remark
{
    /// <summary>Shows it below the cell, or on standard output where there is no notebook.</summary>
    /// <param name="sentence">The sentence.</param>
    public static void Show(string sentence)
    {
        if (NotebookHost.Current is { } host) host.Display(new Page().Sentence(sentence).ToBundle());
        else Console.Out.WriteLine(sentence);
    }
}
