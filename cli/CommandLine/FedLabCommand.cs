using System.CommandLine;
using System.Globalization;
using FedLab.Audit;
using FedLab.Cli.Commands;
using FedLab.Cli.Display;
using FedLab.Cli.Resources;
using FedLab.Client;
using FedLab.Data;
using FedLab.Federation;
using FedLab.Federation.Identity;
using FedLab.Federation.Remote;
using FedLab.Learning;

namespace FedLab.Cli.CommandLine;

/// <summary>The <c>fedlab</c> command: parses, runs, and turns everything that can go wrong into one sentence and an exit code.</summary>
/// <param name="screen">Where to write.</param>
/// <param name="time">Clock.</param>
internal sealed class FedLabCommand(Screen screen, TimeProvider time)
{
    private const string DebugVariable = "FEDLAB_DEBUG";

    /// <summary>Runs a command line.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="environment">Reads an environment variable.</param>
    /// <param name="cancellationToken">Stops the command cleanly.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(IReadOnlyList<string> arguments, Func<string, string?> environment, CancellationToken cancellationToken)
    {
        try
        {
            CultureInfo.CurrentUICulture = Language.Choose(arguments, environment);
            var root = CreateRoot();
            // No @file expansion and no bundling: file and column names may begin with anything.
            var result = root.Parse(arguments, new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null });
            if (result.Action is HelpPage help) return help.Invoke(result);
            if (arguments.Count == 0)
            {
                new HelpPage(screen.Output).Write(root);
                return ExitCodes.Usage;
            }
            if (result.Errors.Count > 0) throw ClientException.Usage(ParseFailure.Describe(result));
            return await result.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, cancellationToken);
        }
        catch (Exception e)
        {
            if (!string.IsNullOrEmpty(environment(DebugVariable))) screen.WriteRemark(e.ToString());
            screen.WriteError(Describe(e, cancellationToken));
            return e is ClientException { IsUsage: true } or ConfigurationException ? ExitCodes.Usage : ExitCodes.Failure;
        }
    }

    private static string Describe(Exception exception, CancellationToken cancellationToken) => exception switch
    {
        RunFolderException kept => kept.InnerException is OperationCanceledException && cancellationToken.IsCancellationRequested
            ? Messages.CancelledKept(kept.Folder)
            : $"{Describe(kept.InnerException!, cancellationToken)} {Messages.FailedKept(kept.Folder)}",
        ClientException or DataFormatException or LearningException or ProtocolException or KeyFileException or ConfigurationException or AuditException or AuditFormatException => exception.Message,
        OperationCanceledException when cancellationToken.IsCancellationRequested => Messages.Cancelled,
        UnauthorizedAccessException => Messages.AccessDenied(exception.Message),
        IOException => Messages.WriteFailed(exception.Message),
        AggregateException { InnerException: { } inner } => Describe(inner, cancellationToken),
        _ => Messages.Unexpected(exception.GetType().Name, exception.Message),
    };

    private RootCommand CreateRoot()
    {
        var root = new RootCommand(Messages.RootDescription)
        {
            DemoCommand.Create(screen, time),
            SimulateCommand.Create(screen, time),
            UpCommand.Create(screen, time),
            DownCommand.Create(screen, time),
            SuperviseCommand.Create(screen, time),
            ContainersCommand.Create(screen, time),
            RunCommand.Create(screen, time),
            ScoreCommand.Create(screen, time),
            ProjectCommand.Create(screen, time),
            CatalogueCommand.Create(screen, time),
            AuditCommand.Create(screen),
            BenchCommand.Create(screen),
            VersionCommand.Create(screen),
        };
        root.Options.Remove(root.Options.Single(option => option is VersionOption));
        root.Options.Single(option => option is System.CommandLine.Help.HelpOption).Action = new HelpPage(screen.Output);
        root.Add(new Option<string>(Language.Option) { Description = Messages.LanguageOption, HelpName = "en|zh-CN", Recursive = true });
        return root;
    }
}
