using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using FedLab.Kernel.Display;
using FedLab.Kernel.Messages;
using FedLab.Kernel.Resources;
using FedLab.Notebook.Display;

namespace FedLab.Kernel.Serving;

/// <summary>
/// Everything that one cell puts out, in the order in which it does. Text is gathered for a moment, so that a loop that prints does not send
/// a message for each line; whatever else is shown goes after the text before it.
/// </summary>
internal sealed class CellOutput : INotebookHost, IOutputClearing
{
    private const int FlushCharacters = 32 << 10;

    private static readonly TimeSpan FlushDelay = TimeSpan.FromMilliseconds(30);
    private static readonly AsyncLocal<CellOutput?> Flow = new();

    private readonly Lock _lock = new();
    private readonly StringBuilder _text = new();
    private readonly Action<JupyterMessage?, string, JsonObject> _publish;
    private readonly IQuestions _questions;
    private readonly NotebookLanguage _language;
    private readonly bool _silent;
    private readonly ITimer _timer;
    private string _stream = "stdout";
    private bool _due;

    /// <summary>Begins the output of a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="silent">Whether nothing may be shown.</param>
    /// <param name="publish">Sends an output.</param>
    /// <param name="questions">Asks the person at the notebook.</param>
    /// <param name="language">The notebook's language.</param>
    /// <param name="time">The clock.</param>
    public CellOutput(JupyterMessage request, bool silent, Action<JupyterMessage?, string, JsonObject> publish, IQuestions questions, NotebookLanguage language, TimeProvider time)
    {
        (Request, _silent, _publish, _questions, _language) = (request, silent, publish, questions, language);
        _timer = time.CreateTimer(static state => ((CellOutput)state!).Flush(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The output of the cell that the running code belongs to, also when the cell has ended; null outside of cells.</summary>
    public static CellOutput? Current => Flow.Value;

    /// <summary>The request that it answers.</summary>
    public JupyterMessage Request { get; }

    /// <inheritdoc />
    public CultureInfo Culture
    {
        get => _language.Culture;
        set => _language.Culture = value;
    }

    /// <summary>Makes this the output of the current flow.</summary>
    public void Enter() => Flow.Value = this;

    /// <summary>Adds text of a stream.</summary>
    /// <param name="stream"><c>stdout</c> or <c>stderr</c>.</param>
    /// <param name="text">The text.</param>
    public void Write(string stream, ReadOnlySpan<char> text)
    {
        if (text.Length == 0 || _silent) return;
        lock (_lock)
        {
            if (stream != _stream) Send(everything: true);
            _stream = stream;
            _text.Append(text);
            if (_text.Length >= FlushCharacters)
            {
                Send(everything: false);
            }
            else if (!_due)
            {
                _due = true;
                _timer.Change(FlushDelay, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>Sends the text that has gathered.</summary>
    public void Flush()
    {
        lock (_lock) Send(everything: false);
    }

    /// <inheritdoc />
    public void Display(MimeBundle bundle, string? displayId = null) => Show("display_data", bundle, displayId);

    /// <inheritdoc />
    public void Update(MimeBundle bundle, string displayId)
    {
        ArgumentException.ThrowIfNullOrEmpty(displayId);
        Show("update_display_data", bundle, displayId);
    }

    /// <inheritdoc />
    public void Clear(bool wait) => Publish("clear_output", new() { ["wait"] = wait });

    /// <inheritdoc />
    public Task<string> AskAsync(string prompt, bool password, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        if (!Request.Content.Flag("allow_stdin", otherwise: true)) throw new InvalidOperationException(Texts.NobodyToAsk);
        Flush();
        return _questions.AskAsync(Request, prompt, password, cancellationToken);
    }

    /// <summary>Sends something else than text, after the text before it.</summary>
    /// <param name="type">The message's type.</param>
    /// <param name="content">What it says.</param>
    public void Publish(string type, JsonObject content)
    {
        lock (_lock)
        {
            Send(everything: true);
            if (!_silent) _publish(Request, type, content);
        }
    }

    /// <summary>The forms of a value as messages carry them: JSON as an object, all else as text.</summary>
    /// <param name="bundle">The forms.</param>
    public static JsonObject Data(MimeBundle bundle)
    {
        var data = new JsonObject();
        foreach (var (type, text) in bundle) data[type] = type == MimeBundle.Json || type.EndsWith("+json", StringComparison.Ordinal) ? JsonNode.Parse(text) : JsonValue.Create(text);
        return data;
    }

    /// <summary>Sends what is left at the end of the cell. What the cell left running can still put out.</summary>
    public void Complete()
    {
        lock (_lock) Send(everything: true);
    }

    private void Show(string type, MimeBundle bundle, string? displayId)
    {
        ArgumentNullException.ThrowIfNull(bundle);
        var transient = new JsonObject();
        if (displayId is not null) transient["display_id"] = displayId;
        Publish(type, new() { ["data"] = Data(bundle), ["metadata"] = new JsonObject(), ["transient"] = transient });
    }

    private void Send(bool everything)
    {
        _due = false;
        // Half of a surrogate pair waits for the other half, which the next write brings.
        var length = _text.Length - (!everything && _text.Length > 0 && char.IsHighSurrogate(_text[^1]) ? 1 : 0);
        if (length == 0) return;
        var text = _text.ToString(0, length);
        _text.Remove(0, length);
        _publish(Request, "stream", new() { ["name"] = _stream, ["text"] = text });
    }
}

/// <summary>Asks the person at the notebook.</summary>
internal interface IQuestions
{
    /// <summary>Asks for a line.</summary>
    /// <param name="request">The cell that asks.</param>
    /// <param name="prompt">The question.</param>
    /// <param name="password">Whether what is typed stays hidden.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<string> AskAsync(JupyterMessage request, string prompt, bool password, CancellationToken cancellationToken);
}

/// <summary>The language of a notebook, kept from cell to cell.</summary>
internal sealed class NotebookLanguage(CultureInfo culture)
{
    /// <summary>The language.</summary>
    public CultureInfo Culture { get; set; } = culture;
}
