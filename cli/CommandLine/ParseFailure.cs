using System.CommandLine;
using System.CommandLine.Parsing;
using FedLab.Cli.Resources;
using FedLab.Learning;

namespace FedLab.Cli.CommandLine;

/// <summary>Says in one sentence what is wrong with a command line.</summary>
internal static class ParseFailure
{
    /// <summary>The sentence for the first thing that is wrong.</summary>
    /// <param name="result">A parse result with errors.</param>
    public static string Describe(ParseResult result)
    {
        var command = result.CommandResult.Command;
        var path = HelpPage.CommandPath(command);
        if (result.UnmatchedTokens.Count > 0) return Unknown(result.UnmatchedTokens[0], command, path);
        foreach (var error in result.Errors)
        {
            switch (error.SymbolResult)
            {
                case OptionResult { Tokens.Count: 0 } option:
                    return Messages.ValueMissing(option.Option.Name);
                case OptionResult { IdentifierTokenCount: > 1 } option when option.Option.Arity.MaximumNumberOfValues <= 1:
                    return Messages.OptionTwice(option.Option.Name);
                case ArgumentResult { Tokens.Count: 0 } argument:
                    return Messages.ArgumentMissing(argument.Argument.HelpName ?? argument.Argument.Name, path);
            }
        }
        return command.Subcommands.Count > 0
            ? Messages.CommandMissing(path, string.Join(", ", command.Subcommands.Select(child => child.Name)))
            : result.Errors[0].Message;
    }

    private static string Unknown(string token, Command command, string path)
    {
        var known = command.Subcommands.Select(child => child.Name)
            .Concat(command.Options.Select(option => option.Name))
            .Append(Language.Option);
        return NearestName.Of(token, [.. known]) is not { } near ? Messages.UnknownToken(token, path) : Messages.UnknownTokenNear(token, path, near);
    }
}
