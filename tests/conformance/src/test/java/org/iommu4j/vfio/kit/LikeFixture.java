package org.iommu4j.vfio.kit;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.iommu4j.iommu.spi.IommuDriver;
import org.iommu4j.iommu.spi.IommuVendor;
import org.iommu4j.machine.MachineBuilder;
import org.iommu4j.testkit.VendorFixture;

/** A vendor like another, but for some of the calls of its driver. */
abstract class LikeFixture implements VendorFixture {
  private final VendorFixture like;

  LikeFixture(VendorFixture like) {
    this.like = like;
  }

  /** Answers a call of the driver in the other's place. */
  abstract Object answer(IommuDriver driver, Method method, Object[] arguments) throws Throwable;

  @Override
  public final IommuVendor vendor() {
    IommuVendor vendor = like.vendor();
    return proxy(
        IommuVendor.class,
        (self, method, arguments) ->
            method.getName().equals("driver")
                ? driver((IommuDriver) call(vendor, method, arguments))
                : call(vendor, method, arguments));
  }

  private IommuDriver driver(IommuDriver driver) {
    return proxy(IommuDriver.class, (self, method, arguments) -> answer(driver, method, arguments));
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  /** Asks the other. */
  static Object call(Object target, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getTargetException();
    }
  }

  @Override
  public final void mark(MachineBuilder machine) {
    like.mark(machine);
  }

  @Override
  public final String commandLine() {
    return like.commandLine();
  }

  @Override
  public final int pageTableLevels() {
    return like.pageTableLevels();
  }

  @Override
  public final boolean mapsLargePages() {
    return like.mapsLargePages();
  }
}
