using System.CommandLine;
using System.CommandLine.Parsing;
using FedLab.Cli.Resources;

namespace FedLab.Cli.CommandLine;

/// <summary>Says in one sentence what is wrong with a command line.</summary>
internal static class ParseFailure
{
    // A suggestion further away than this is another word.
    private const int MaximumEdits = 3;

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
        var limit = Math.Min(MaximumEdits, token.Length / 2);
        var near = known.Where(name => Edits(token, name) <= limit).MinBy(name => Edits(token, name));
        return near is null ? Messages.UnknownToken(token, path) : Messages.UnknownTokenNear(token, path, near);
    }

    /// <summary>Levenshtein distance.</summary>
    private static int Edits(string left, string right)
    {
        var previous = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var row = 1; row <= left.Length; row++)
        {
            var current = new int[right.Length + 1];
            current[0] = row;
            for (var column = 1; column <= right.Length; column++)
            {
                var replace = previous[column - 1] + (left[row - 1] == right[column - 1] ? 0 : 1);
                current[column] = Math.Min(replace, Math.Min(previous[column], current[column - 1]) + 1);
            }
            previous = current;
        }
        return previous[^1];
    }
}
