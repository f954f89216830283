using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using FedLab.Notebook.Display;
using Microsoft.CodeAnalysis.CSharp.Scripting.Hosting;
using Microsoft.CodeAnalysis.Scripting.Hosting;

namespace FedLab.Kernel.Display;

/// <summary>
/// How a value looks that says nothing about it itself: text as it is, numbers as C# writes them, sequences of objects and dictionaries as tables,
/// everything else as its <see cref="object.ToString"/> or its members.
/// </summary>
internal static class ValueFormatter
{
    /// <summary>Characters that a value is shown with.</summary>
    public const int MaximumCharacters = 20_000;

    private const int MaximumTogether = 20;

    private static readonly PrintOptions Limits = new() { MaximumOutputLength = MaximumCharacters };

    /// <summary>The forms of a value.</summary>
    /// <param name="value">The value.</param>
    public static MimeBundle Format(object? value) => value switch
    {
        MimeBundle bundle => bundle,
        IRichDisplay rich => rich.ToMimeBundle(),
        IEnumerable<IRichDisplay> several => Together(several.Take(MaximumTogether).Select(rich => rich.ToMimeBundle())),
        IEnumerable<MimeBundle> several => Together(several.Take(MaximumTogether)),
        string or null => Plain(value as string ?? "null"),
        IDictionary dictionary => HtmlTable.OfEntries(dictionary),
        IEnumerable sequence when Listing.IsLazy(sequence) => Listing.Format(sequence),
        IEnumerable sequence when HtmlTable.TryOfRows(sequence) is { } table => table,
        _ => Plain(Text(value)),
    };

    /// <summary>The text of a value, of bounded length.</summary>
    /// <param name="value">The value.</param>
    public static string Text(object? value)
    {
        switch (value)
        {
            case null: return "null";
            case string text: return text;
            case bool flag: return flag ? "true" : "false";
            // Invariant, whatever the language of the sentences: a number that is shown can be typed into the next cell.
            case IFormattable formattable when value is not IEnumerable: return formattable.ToString(null, CultureInfo.InvariantCulture);
            case IEnumerable sequence when Listing.IsLazy(sequence) || Listing.HoldsLazy(sequence): return Listing.Text(sequence);
            case IEnumerable: return CSharpObjectFormatter.Instance.FormatObject(value, Limits);
            default:
                // Tuples and records say what they hold; what inherits object's ToString would only say its type.
                return SpeaksForItself(value) ? Shortened(value.ToString() ?? "") : CSharpObjectFormatter.Instance.FormatObject(value, Limits);
        }
    }

    /// <summary>Several values that show themselves, as a list of plots: one below the other.</summary>
    private static MimeBundle Together(IEnumerable<MimeBundle> bundles)
    {
        var html = new StringBuilder();
        var text = new List<string>();
        foreach (var bundle in bundles)
        {
            var plain = bundle.TryGet(MimeBundle.Text, out var words) ? words : "";
            text.Add(plain);
            var rich = bundle.TryGet(MimeBundle.Html, out var form) || bundle.TryGet(MimeBundle.Svg, out form);
            html.Append("<div>").Append(rich ? form : $"<pre>{WebUtility.HtmlEncode(plain)}</pre>").Append("</div>");
        }
        return new() { { MimeBundle.Html, html.ToString() }, { MimeBundle.Text, string.Join('\n', text) } };
    }

    private static MimeBundle Plain(string text) => new() { { MimeBundle.Text, text } };

    /// <summary>Whether a value's own text says what it is.</summary>
    /// <param name="value">The value.</param>
    public static bool SpeaksForItself(object value) =>
        value is ITuple or Type || (value.GetType().GetMethod(nameof(ToString), Type.EmptyTypes) is { } method && method.DeclaringType != typeof(object) && method.DeclaringType != typeof(ValueType));

    [return: NotNullIfNotNull(nameof(text))]
    private static string? Shortened(string? text) => text is { Length: > MaximumCharacters } ? string.Concat(text.AsSpan(0, MaximumCharacters), "…") : text;
}
