using System.Collections;
using System.Text;
using FedLab.Notebook.Display;
using Microsoft.CodeAnalysis.CSharp.Scripting.Hosting;

namespace FedLab.Kernel.Display;

/// <summary>
/// Sequences that are computed while they are read, such as queries and iterators: read once, no further than they are shown, since they may
/// have no end; what they throw while they are read is thrown. Collections, whose values are there, are not meant.
/// </summary>
internal static class Listing
{
    private const int MaximumValues = 100;
    private const int MaximumDepth = 4;

    /// <summary>Whether the values of a sequence are computed while it is read.</summary>
    /// <param name="sequence">The sequence.</param>
    public static bool IsLazy(IEnumerable sequence)
    {
        var type = sequence.GetType();
        // Some of LINQ's queries count as collections; their values are computed all the same.
        if (type.DeclaringType == typeof(Enumerable)) return true;
        return sequence is not (ICollection or string) && !ValueFormatter.SpeaksForItself(sequence) && !Array.Exists(type.GetInterfaces(), IsCollection);
    }

    /// <summary>Whether one of the values that would be shown is such a sequence.</summary>
    /// <param name="collection">A collection.</param>
    public static bool HoldsLazy(IEnumerable collection) =>
        collection.GetType().GetElementType() is not { IsPrimitive: true } && collection.Cast<object?>().Take(MaximumValues).Any(static value => value is IEnumerable inner && IsLazy(inner));

    /// <summary>The forms of a sequence: a table where its values are objects with properties, else its values.</summary>
    /// <param name="sequence">The sequence.</param>
    public static MimeBundle Format(IEnumerable sequence)
    {
        var enumerator = sequence.GetEnumerator();
        try
        {
            var any = enumerator.MoveNext();
            var values = any ? From(enumerator) : [];
            if (any && HtmlTable.HasColumns(enumerator.Current)) return HtmlTable.TryOfRows(values)!;
            return new() { { MimeBundle.Text, Text(values) } };
        }
        finally
        {
            (enumerator as IDisposable)?.Dispose();
        }
    }

    /// <summary>The first values of a sequence, as C# lists them.</summary>
    /// <param name="sequence">The sequence.</param>
    public static string Text(IEnumerable sequence)
    {
        var text = new StringBuilder();
        Append(text, sequence, 1);
        return text.ToString();
    }

    private static void Append(StringBuilder text, IEnumerable sequence, int depth)
    {
        text.Append('[');
        var count = 0;
        foreach (var value in sequence)
        {
            // What listens ends before it is ended.
            NotebookHost.Interrupted.ThrowIfCancellationRequested();
            if (count > 0) text.Append(", ");
            if (count == MaximumValues || depth > MaximumDepth || text.Length > ValueFormatter.MaximumCharacters)
            {
                text.Append('…');
                break;
            }
            count++;
            // Text in quotes, as collections show it.
            if (value is string or char) text.Append(CSharpObjectFormatter.Instance.FormatObject(value));
            else if (value is IEnumerable inner && (IsLazy(inner) || HoldsLazy(inner))) Append(text, inner, depth + 1);
            else text.Append(ValueFormatter.Text(value));
        }
        text.Append(']');
    }

    private static IEnumerable<object?> From(IEnumerator enumerator)
    {
        do
        {
            NotebookHost.Interrupted.ThrowIfCancellationRequested();
            yield return enumerator.Current;
        }
        while (enumerator.MoveNext());
    }

    private static bool IsCollection(Type type) =>
        type.IsGenericType && (type.GetGenericTypeDefinition() == typeof(ICollection<>) || type.GetGenericTypeDefinition() == typeof(IReadOnlyCollection<>));
}
