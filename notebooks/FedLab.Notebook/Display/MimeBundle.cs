using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace FedLab.Notebook.Display;

/// <summary>
/// One value in several forms, by MIME type (Jupyter protocol 5.3, <c>display_data</c>). Texts are as they stand, JSON as its text:
/// the kernel makes it an object of the message.
/// </summary>
public sealed class MimeBundle : IEnumerable<KeyValuePair<string, string>>
{
    /// <summary><c>text/plain</c>.</summary>
    public const string Text = "text/plain";

    /// <summary><c>text/html</c>.</summary>
    public const string Html = "text/html";

    /// <summary><c>image/svg+xml</c>.</summary>
    public const string Svg = "image/svg+xml";

    /// <summary><c>application/json</c>.</summary>
    public const string Json = "application/json";

    private readonly Dictionary<string, string> _forms = new(StringComparer.Ordinal);

    /// <summary>Adds a form.</summary>
    /// <param name="mimeType">Its type.</param>
    /// <param name="value">The text of it.</param>
    /// <exception cref="ArgumentException">There is one of that type.</exception>
    public void Add(string mimeType, string value) => _forms.Add(mimeType, value);

    /// <summary>The form of a type, if there is one.</summary>
    /// <param name="mimeType">The type.</param>
    /// <param name="value">Its text.</param>
    public bool TryGet(string mimeType, [NotNullWhen(true)] out string? value) => _forms.TryGetValue(mimeType, out value);

    /// <inheritdoc />
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => _forms.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
