using System.Diagnostics;
using System.Reflection;
using FedLab.Kernel.Resources;
using Microsoft.CodeAnalysis;

namespace FedLab.Kernel.Session;

/// <summary>Why a cell failed, as its author reads it: what went wrong and in which line of which cell, without the kernel's own frames.</summary>
/// <param name="Name">The kind of failure, for programs.</param>
/// <param name="Message">What went wrong.</param>
/// <param name="Lines">What the notebook shows.</param>
internal sealed record FailureReport(string Name, string Message, IReadOnlyList<string> Lines)
{
    private const string OwnNamespace = "FedLab.";
    private const int MaximumCauses = 8;
    private const int MaximumFrames = 30;
    private const int MaximumDiagnostics = 20;

    /// <summary>The cell was interrupted.</summary>
    public static FailureReport Interrupted() => new("Interrupted", Texts.Interrupted, [Texts.Interrupted]);

    /// <summary>The cell was interrupted, and what it called could not be ended.</summary>
    public static FailureReport LeftBehind() => new("Interrupted", Texts.LeftBehind, [Texts.LeftBehind]);

    /// <summary>The cell is no C# that compiles.</summary>
    /// <param name="diagnostics">The compiler's findings.</param>
    /// <param name="cells">The texts of the cells.</param>
    public static FailureReport OfCompilation(IEnumerable<Diagnostic> diagnostics, CellTexts cells)
    {
        var errors = diagnostics.Where(found => found.Severity == DiagnosticSeverity.Error).ToList();
        var lines = new List<string>();
        foreach (var error in errors.Take(MaximumDiagnostics))
        {
            var message = error.GetMessage(CompilerLanguage.Current);
            if (!error.Location.IsInSource)
            {
                lines.Add($"{error.Id}: {message}");
                continue;
            }
            var span = error.Location.GetLineSpan();
            var line = cells.Line(span.Path, span.StartLinePosition.Line + 1);
            if (line is not null && CellSource.IsPackage(line)) message = Texts.NoPackages;
            lines.Add(Texts.CompileError(cells.Title(span.Path), span.StartLinePosition.Line + 1, span.StartLinePosition.Character + 1, error.Id, message));
            if (line is null) continue;
            lines.Add("    " + line);
            lines.Add("    " + Underline(line, span));
        }
        if (errors.Count > MaximumDiagnostics) lines.Add(Texts.MoreErrors(errors.Count - MaximumDiagnostics));
        return new("CompilationError", lines.Count > 0 ? lines[0] : "", lines);
    }

    /// <summary>The cell threw.</summary>
    /// <param name="exception">What.</param>
    /// <param name="cells">The texts of the cells.</param>
    /// <param name="shown">Where the expression stands whose value was being shown, which no frame says; null where none was.</param>
    public static FailureReport OfException(Exception exception, CellTexts cells, (string Path, int Line)? shown = null)
    {
        exception = Essential(exception);
        var message = MessageOf(exception);
        // FedLab's own exceptions are sentences written for the person at the notebook: nothing is added to them.
        if (IsOwn(exception)) return new(exception.GetType().Name, message, [message]);
        var lines = new List<string>();
        var causes = 0;
        for (var cause = exception; cause is not null && causes < MaximumCauses; cause = cause.InnerException is { } inner ? Essential(inner) : null, causes++)
        {
            lines.Add(causes == 0 ? $"{TypeName(cause)}: {message}" : Texts.CausedBy(IsOwn(cause) ? MessageOf(cause) : $"{TypeName(cause)}: {MessageOf(cause)}"));
            lines.AddRange(Frames(cause, cells));
            if (causes == 0 && shown is var (path, number) && cells.Line(path, number) is { } line)
            {
                var frame = Frame(Texts.Frame(cells.Title(path), number), line);
                if (lines[^1] != frame) lines.Add(frame);
            }
        }
        return new(exception.GetType().Name, message, lines);
    }

    /// <summary>The cells' own frames of an exception, innermost first.</summary>
    private static IEnumerable<string> Frames(Exception exception, CellTexts cells)
    {
        var count = 0;
        foreach (var frame in new StackTrace(exception, fNeedFileInfo: true).GetFrames())
        {
            var method = frame.GetMethod();
            (string Path, int Line)? place = frame.GetFileName() is { } file && frame.GetFileLineNumber() > 0
                ? (file, frame.GetFileLineNumber())
                : cells.EndOf(method?.DeclaringType?.Assembly.GetName().Name);
            if (place is not var (path, number) || cells.Line(path, number) is not { } line) continue;
            if (++count > MaximumFrames) yield break;
            var where = MethodName(method) is { } name ? Texts.FrameIn(cells.Title(path), number, name) : Texts.Frame(cells.Title(path), number);
            yield return Frame(where, line);
        }
    }

    private static string Frame(string where, string line) => $"   {where}: {line.Trim()}";

    // Top-level code is a method <Initialize> of the submission, lambdas are <…>b__…, and what awaits is MoveNext of a type <Name>d__….
    private static string? MethodName(MethodBase? method)
    {
        if (method is null) return null;
        var name = method.Name == "MoveNext" ? method.DeclaringType!.Name : method.Name;
        if (name[0] != '<') return name;
        var end = name.IndexOf('>', StringComparison.Ordinal);
        if (name.StartsWith("<<", StringComparison.Ordinal) || end <= 1 || name.Contains(">b__", StringComparison.Ordinal)) return null;
        return name[1..end];
    }

    private static Exception Essential(Exception exception)
    {
        while (exception is TargetInvocationException { InnerException: not null } or AggregateException { InnerExceptions.Count: 1 }) exception = exception.InnerException!;
        return exception;
    }

    private static bool IsOwn(Exception exception) => exception.GetType().Namespace is { } space && (space + ".").StartsWith(OwnNamespace, StringComparison.Ordinal);

    private static string TypeName(Exception exception) => exception.GetType().Namespace?.StartsWith("System", StringComparison.Ordinal) == true ? exception.GetType().Name : NestedName(exception.GetType());

    // Types of a cell are nested in its submission, whose name says nothing.
    private static string NestedName(Type type) => type.IsNested ? type.Name : type.FullName ?? type.Name;

    private static string MessageOf(Exception exception)
    {
        try
        {
            return exception.Message;
        }
        catch (Exception broken) when (broken is not OutOfMemoryException)
        {
            return exception.GetType().Name; // An exception of the notebook's own that cannot even say what it is.
        }
    }

    private static string Underline(string line, FileLinePositionSpan span)
    {
        var start = Math.Min(span.StartLinePosition.Character, line.Length);
        var end = span.EndLinePosition.Line == span.StartLinePosition.Line ? Math.Min(span.EndLinePosition.Character, line.Length) : line.Length;
        var indent = string.Concat(line[..start].Select(character => character == '\t' ? '\t' : ' '));
        return indent + new string('^', Math.Max(1, end - start));
    }
}
