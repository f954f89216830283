using System.CommandLine;
using System.CommandLine.Invocation;
using FedLab.Cli.Display;
using FedLab.Cli.Resources;
using Spectre.Console;

namespace FedLab.Cli.CommandLine;

/// <summary>Prints the help of a command: usage, arguments, options, examples, in the current language.</summary>
/// <param name="console">Where to.</param>
internal sealed class HelpPage(IAnsiConsole console) : SynchronousCommandLineAction
{
    private const int Indent = 2;

    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        Write(parseResult.CommandResult.Command);
        return ExitCodes.Success;
    }

    /// <summary>Prints the help.</summary>
    /// <param name="command">The command.</param>
    public void Write(Command command)
    {
        var path = CommandPath(command);
        console.WriteLine(command.Description ?? "");
        Section(Messages.HelpUsage);
        console.Write(new Padder(new Text($"{path} {UsageOf(command)}"), new Padding(Indent, 0, 0, 0)));
        Rows(Messages.HelpCommands, command.Subcommands.Where(child => !child.Hidden).Select(child => (child.Name, child.Description)));
        Rows(Messages.HelpArguments, command.Arguments.Where(argument => !argument.Hidden).Select(argument => (argument.HelpName ?? argument.Name, argument.Description)));
        var inherited = Ancestors(command).SelectMany(parent => parent.Options).Where(option => option.Recursive);
        Rows(Messages.HelpOptions, command.Options.Concat(inherited).Where(option => !option.Hidden).Distinct().Select(option => (OptionHead(option), OptionText(option))));
        if (command is DescribedCommand { Examples.Count: > 0 } described)
        {
            Section(Messages.HelpExamples);
            foreach (var example in described.Examples)
            {
                console.Write(new Padder(new Text(example.Comment, Styles.Quiet), new Padding(Indent, 0, 0, 0)));
                // Unwrapped, so that it can be copied.
                console.Profile.Out.Writer.WriteLine($"    {example.CommandLine}");
            }
        }
        if (command.Subcommands.Count > 0)
        {
            console.WriteLine();
            console.WriteLine(Messages.HelpMore(path));
        }
    }

    /// <summary>The command with those above it, as it is typed.</summary>
    /// <param name="command">The command.</param>
    public static string CommandPath(Command command) => string.Join(' ', Ancestors(command).Reverse().Append(command).Select(part => part is RootCommand ? "fedlab" : part.Name));

    private static IEnumerable<Command> Ancestors(Command command)
    {
        for (var parent = command.Parents.OfType<Command>().FirstOrDefault(); parent is not null; parent = parent.Parents.OfType<Command>().FirstOrDefault()) yield return parent;
    }

    private static string UsageOf(Command command) => command switch
    {
        DescribedCommand { Usage: { } usage } => $"{usage} {Messages.HelpOptionsWord}",
        { Subcommands.Count: > 0 } => $"{Messages.HelpCommandWord} {Messages.HelpOptionsWord}",
        _ => Messages.HelpOptionsWord,
    };

    private static string OptionHead(Option option)
    {
        var names = string.Join(", ", option.Aliases.Where(alias => alias.StartsWith('-')).OrderBy(alias => alias.Length).Append(option.Name));
        return option.Arity.MaximumNumberOfValues == 0 || option.ValueType == typeof(bool) ? names : $"{names} {option.HelpName}";
    }

    private static string? OptionText(Option option) => option switch
    {
        System.CommandLine.Help.HelpOption => Messages.HelpOptionText,
        _ => option.Description,
    };

    private void Section(string title)
    {
        console.WriteLine();
        console.Write(new Text(title, Styles.Heading));
        console.WriteLine();
    }

    private void Rows(string title, IEnumerable<(string Head, string? Text)> rows)
    {
        var list = rows.ToArray();
        if (list.Length == 0) return;
        Section(title);
        var grid = new Grid();
        grid.AddColumn(new GridColumn { NoWrap = true, Padding = new Padding(Indent, 0, Indent, 0) });
        grid.AddColumn(new GridColumn { Padding = new Padding(0, 0, 0, 0) });
        foreach (var (head, text) in list) grid.AddRow(new Text(head, Styles.Name), new Text(text ?? ""));
        console.Write(grid);
    }
}
