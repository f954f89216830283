namespace FedLab.EndToEnd.Tests.Support;

/// <summary>What every refusal looks like: one sentence on standard error that names its cause, nothing on standard output, nothing left running.</summary>
internal static class Refusal
{
    /// <summary>Checks a run that had to be refused.</summary>
    /// <param name="run">The run.</param>
    /// <param name="exitCode">2 for a wrong request, 1 for a failure.</param>
    /// <param name="named">What the sentence must name: file, column, line, setting.</param>
    /// <returns>The sentence.</returns>
    public static string Assert(ProgramRun run, int exitCode, params IEnumerable<string> named)
    {
        Xunit.Assert.True(run.ExitCode == exitCode, $"exit code {run.ExitCode} instead of {exitCode}\n{run.Error}\n{run.Output}");
        Xunit.Assert.Equal("", run.Output);
        var sentence = Xunit.Assert.Single(run.Complaints);
        AssertForPeople(sentence);
        foreach (var name in named) Xunit.Assert.Contains(name, sentence, StringComparison.Ordinal);
        Xunit.Assert.Empty(run.Survivors);
        return sentence;
    }

    /// <summary>A sentence for people: not a stack trace, not a type of exception, not an endless one.</summary>
    public static void AssertForPeople(string sentence)
    {
        Xunit.Assert.DoesNotContain("at FedLab.", sentence, StringComparison.Ordinal);
        Xunit.Assert.DoesNotContain("Exception", sentence, StringComparison.Ordinal);
        Xunit.Assert.DoesNotContain("System.", sentence, StringComparison.Ordinal);
        Xunit.Assert.InRange(sentence.Length, 20, 700);
    }

    /// <summary>Nothing half-written: no model, no report, no record of a finished run.</summary>
    public static void AssertNothingPublished(string folder)
    {
        foreach (var name in (string[])["model", "audit", "run.json", "report.json"]) Xunit.Assert.False(Path.Exists(Path.Combine(folder, name)), $"{name} was left in {folder}");
    }
}
