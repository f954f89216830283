using System.Collections.Concurrent;
using System.Globalization;
using FedLab.Notebook.Display;

namespace FedLab.Notebook.Tests.Labs;

/// <summary>A notebook that remembers what was shown, and when.</summary>
internal sealed class RecordingHost : INotebookHost
{
    private readonly ConcurrentQueue<(string Id, MimeBundle Bundle, long At)> _updates = new();

    public CultureInfo Culture { get; set; } = CultureInfo.GetCultureInfo("en");

    public ConcurrentQueue<(MimeBundle Bundle, string? Id)> Displays { get; } = new();

    public IReadOnlyCollection<(string Id, MimeBundle Bundle, long At)> Updates => _updates;

    /// <summary>Called with what a display is changed to.</summary>
    public Action<MimeBundle>? Updated { get; set; }

    /// <summary>All that was shown, as text.</summary>
    public string Text => string.Join('\n', Displays.Select(shown => TextOf(shown.Bundle)).Concat(_updates.Select(shown => TextOf(shown.Bundle))));

    public static string TextOf(MimeBundle bundle) => bundle.TryGet(MimeBundle.Text, out var text) ? text : "";

    public static string HtmlOf(MimeBundle bundle) => bundle.TryGet(MimeBundle.Html, out var html) ? html : "";

    public void Display(MimeBundle bundle, string? displayId = null) => Displays.Enqueue((bundle, displayId));

    public void Update(MimeBundle bundle, string displayId)
    {
        _updates.Enqueue((displayId, bundle, TimeProvider.System.GetTimestamp()));
        Updated?.Invoke(bundle);
    }

    public Task<string> AskAsync(string prompt, bool password, CancellationToken cancellationToken) => throw new InvalidOperationException("Nobody can be asked.");
}
