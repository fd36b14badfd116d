package org.iommu4j.vfio.kit;

import java.lang.reflect.Method;
import java.util.function.Function;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.iommu.spi.IommuDriver;
import org.iommu4j.testkit.PhaseCalls;
import org.iommu4j.testkit.VendorFixture;
import org.jspecify.annotations.Nullable;

/** A vendor like another, but for the domains of others than the DMA API. */
final class UnlikeFixture extends LikeFixture {
  private final Function<IommuDomain, ForwardingDomain> unlike;

  /**
   * Makes it.
   *
   * @param like the other
   * @param unlike makes of one of its domains the one that is seen
   */
  UnlikeFixture(VendorFixture like, Function<IommuDomain, ForwardingDomain> unlike) {
    super(like);
    this.unlike = unlike;
  }

  @Override
  @Nullable Object answer(IommuDriver driver, Method method, @Nullable Object[] arguments)
      throws Throwable {
    for (int i = 0; i < arguments.length; i++) {
      if (arguments[i] instanceof ForwardingDomain domain) {
        arguments[i] = domain.like();
      }
    }
    Object result = PhaseCalls.call(driver, method, arguments);
    return result instanceof IommuDomain domain && domain.type() == DomainType.UNMANAGED
        ? unlike.apply(domain)
        : result;
  }
}
