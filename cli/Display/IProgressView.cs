using FedLab.Client.Labs;

namespace FedLab.Cli.Display;

/// <summary>Shows progress while work goes on.</summary>
internal interface IProgressView
{
    /// <summary>Does the work and shows how it goes on.</summary>
    /// <typeparam name="T">Type of the result.</typeparam>
    /// <param name="work">The work; it reports to the progress it is given.</param>
    Task<T> ShowAsync<T>(Func<IProgress<LabProgress>, Task<T>> work);
}
