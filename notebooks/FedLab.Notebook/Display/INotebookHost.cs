using System.Globalization;

namespace FedLab.Notebook.Display;

/// <summary>What the notebook that a cell runs in does for the library: shows values, changes what it has shown, asks, and keeps the language.</summary>
public interface INotebookHost
{
    /// <summary>The language of everything that cells show; kept from cell to cell. English at first, or Chinese where the environment's locale is.</summary>
    CultureInfo Culture { get; set; }

    /// <summary>Shows a value below the cell. May be called from any thread while the cell runs.</summary>
    /// <param name="bundle">The value.</param>
    /// <param name="displayId">A name by which <see cref="Update"/> finds it again; null where nothing will.</param>
    void Display(MimeBundle bundle, string? displayId = null);

    /// <summary>Puts another value in the place of one that was shown.</summary>
    /// <param name="bundle">The value.</param>
    /// <param name="displayId">The name that it was shown under.</param>
    void Update(MimeBundle bundle, string displayId);

    /// <summary>Asks the person at the notebook for a line.</summary>
    /// <param name="prompt">The question.</param>
    /// <param name="password">Whether what is typed stays hidden.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="InvalidOperationException">Nobody can be asked: the notebook runs by itself.</exception>
    Task<string> AskAsync(string prompt, bool password, CancellationToken cancellationToken);
}
