using FedLab.Cli.CommandLine;
using FedLab.Cli.Display;

namespace FedLab.Client.Tests;

/// <summary>What a command line printed and how it ended.</summary>
internal sealed record CommandLineRun(int ExitCode, string Output, string Error)
{
    /// <summary>Runs the command in this process, as it runs without a terminal.</summary>
    public static async Task<CommandLineRun> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var screen = new Screen(output, outputIsTerminal: false, error, errorIsTerminal: false, TimeProvider.System);
        var code = await new FedLabCommand(screen, TimeProvider.System).RunAsync(arguments, _ => null, TestContext.Current.CancellationToken);
        return new CommandLineRun(code, output.ToString(), error.ToString());
    }

    /// <summary>The last line on standard error: the sentence that says what was wrong.</summary>
    public string Sentence => Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault("");
}
