using FedLab.Data;
using FedLab.Federation.Identity;
using FedLab.Federation.Remote;
using FedLab.Participant.Configuration;
using Grpc.Core;

namespace FedLab.Participant.Enrolment;

/// <summary>A participant that has a token and no identity enrols before it does anything else.</summary>
internal static class EnrolmentAtStart
{
    /// <summary>Longest token file that is read.</summary>
    public const int MaximumTokenBytes = 4096;

    // A lab whose programs are started together is not held up; one that is away is not beset.
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ImpatientFor = TimeSpan.FromSeconds(10);

    /// <summary>Enrols if the home holds a token, or the environment, and no identity. Tries until the coordinator answers.</summary>
    /// <param name="start">How the participant is started.</param>
    /// <param name="cancellationToken">Ends the tries.</param>
    /// <returns>The party's rows, which are read in the meantime; null when there was nothing to wait for.</returns>
    /// <exception cref="SessionRefusedException">The token is refused, or the coordinator could not be reached in time.</exception>
    /// <exception cref="ConfigurationException">The folder or its configuration is wrong.</exception>
    public static async Task<Task<DataSet>?> RunAsync(ParticipantStart start, CancellationToken cancellationToken)
    {
        var home = Path.GetFullPath(start.Home);
        if (!Directory.Exists(home) || Enroller.IsEnrolled(home)) return null;
        var path = Path.Combine(home, EnrolmentToken.FileName);
        var text = File.Exists(path) ? ReadFile(path) : Environment.GetEnvironmentVariable(EnrolmentToken.Variable);
        if (string.IsNullOrWhiteSpace(text)) return null;
        var options = ParticipantHome.ReadOptions(home, start.Settings);
        var rows = OwnData.ReadRowsAsync(home, options, start.Data, cancellationToken);
        await EnrolWhileReadingAsync(start, home, options, text, rows, cancellationToken).ConfigureAwait(false);
        File.Delete(path);
        return rows;
    }

    private static async Task EnrolWhileReadingAsync(ParticipantStart start, string home, ParticipantOptions options, string text, Task<DataSet> rows, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            var token = EnrolmentToken.Parse(text);
            var enrolment = EnrolAsync(home, token, new Uri(options.Coordinator), options.Name, start.ConnectTimeout, start.Time, stop.Token);
            // Data that cannot be used is said at once, not when the coordinator has come.
            if (await Task.WhenAny(enrolment, rows).ConfigureAwait(false) == rows && rows.IsFaulted) await stop.CancelAsync().ConfigureAwait(false);
            await ((Task)enrolment).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (rows.IsFaulted) await rows.ConfigureAwait(false);
            start.Tell(Messages.Enrolled(await enrolment.ConfigureAwait(false), token.Lab));
        }
        catch (EnrolmentException e)
        {
            _ = rows.ContinueWith(static read => _ = read.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            throw new SessionRefusedException(e.Message, e);
        }
    }

    /// <summary>Enrols, and waits for a coordinator that does not answer yet.</summary>
    /// <param name="home">The home folder.</param>
    /// <param name="token">The token.</param>
    /// <param name="address">The coordinator.</param>
    /// <param name="name">The name that this participant is configured with; empty when it has none.</param>
    /// <param name="timeout">How long to try.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancellationToken">Ends the tries.</param>
    /// <returns>The name in the project.</returns>
    /// <exception cref="EnrolmentException">The coordinator refuses, is not the one that the token names, or could not be reached in time.</exception>
    public static async Task<string> EnrolAsync(string home, EnrolmentToken token, Uri address, string name, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        var enroller = new Enroller(home, time);
        var wait = FirstDelay;
        var begin = time.GetTimestamp();
        while (true)
        {
            try
            {
                return await enroller.EnrolAsync(token, address, name, cancellationToken).ConfigureAwait(false);
            }
            catch (RpcException e) when (e.StatusCode is StatusCode.Unimplemented or StatusCode.Unauthenticated)
            {
                // A coordinator of an earlier version knows no enrolment.
                throw new EnrolmentException(Messages.EnrolmentRefused(address.Authority, e.Status.Detail), e);
            }
            catch (RpcException e)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (timeout != Timeout.InfiniteTimeSpan && time.GetElapsedTime(begin) + wait > timeout) throw new EnrolmentException(Messages.EnrolmentUnreachable(address.Authority, e.Status.Detail), e);
                await Task.Delay(wait, time, cancellationToken).ConfigureAwait(false);
                if (time.GetElapsedTime(begin) > ImpatientFor) wait = wait * 2 < LongestDelay ? wait * 2 : LongestDelay;
            }
        }
    }

    /// <summary>Reads a token's file, which nobody else may read.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="KeyFileException">It is missing, too large or readable by others.</exception>
    public static string ReadFile(string path)
    {
        KeyFiles.RequirePrivateFile(path);
        if (new FileInfo(path).Length > MaximumTokenBytes) throw new KeyFileException(Messages.TokenFileTooLarge(path, MaximumTokenBytes));
        return File.ReadAllText(path);
    }
}
